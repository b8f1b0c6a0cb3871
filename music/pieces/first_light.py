"""A warm piano that takes its time."""

from music.score import Part, Piece, basses, broken, chords, held, melody


def piece() -> Piece:
    """Return the piece."""
    opening = "D A/C# Bm7 G D/F# G Em7 A"
    harmony = (
        *chords(opening),
        *chords(opening, bar=8),
        *chords("Bm7 G D A Bm7 Gmaj7 Em7 A", bar=16),
    )
    theme = (
        "F#5:2 E5:1 D5:1 | E5:3 A4:1 | D5:1.5 C#5:.5 B4:1 A4:1 | B4:3 R:1 |"
        "A4:1 D5:1 F#5:1 A5:1 | G5:1.5 F#5:.5 E5:1 D5:1 | E5:1 F#5:1 G5:1 B4:1 | E5:2 C#5:1 E5:1 |"
        "F#5:1 A5:1 E5:1 D5:1 | E5:2 C#5:1 A4:1 | D5:1 F#5:1 B4:1.5 C#5:.5 | D5:2 B4:1 G4:1 |"
        "A4:1 D5:.5 E5:.5 F#5:1 A5:1 | B5:1.5 A5:.5 G5:1 F#5:1 | E5:1 G5:1 F#5:1 E5:1 |"
        "D5:1 C#5:1 E5:2 |"
        "F#5:2 D5:1 F#5:1 | G5:1.5 F#5:.5 D5:2 | A5:2 F#5:1 D5:1 | E5:3 C#5:1 |"
        "D5:1 F#5:1 B5:1.5 A5:.5 | G5:1 F#5:1 D5:2 | E5:1 G5:1 B5:1 G5:1 | A5:2 E5:1 C#5:1"
    )
    return Piece(
        track_id="first-light",
        title="First Light",
        mood="warm",
        tempo_bpm=80,
        bars=24,
        seed=1,
        room_seconds=1.9,
        # A film of one clip has only this much of it.
        fader=((0, 0.6), (4, 0.6), (7, 0), (23.75, 0)),
        parts=(
            Part(instrument="piano", notes=tuple(melody(theme)), level=-17.0, pan=0.12, room=0.24),
            Part(
                instrument="piano",
                notes=tuple(
                    broken(harmony, centre=57, order=(0, 1, 2, 3, 2, 1, 2, 1), velocity=0.5)
                ),
                level=-21.0,
                pan=-0.18,
            ),
            Part(
                instrument="piano",
                notes=tuple(basses(harmony, lowest=36, rhythm="x---o---", ring=2.0)),
                level=-20.0,
                pan=-0.1,
            ),
            Part(
                instrument="strings",
                notes=tuple(held(harmony[8:], centre=62, velocity=0.5)),
                level=-28.0,
                room=0.5,
            ),
        ),
    )

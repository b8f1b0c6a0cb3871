"""Calm ambient: wide chords, a bell on each beat, the sea far away."""

from music.score import Part, Piece, basses, broken, chords, drum, held, melody


def piece() -> Piece:
    """Return the piece."""
    harmony = chords("Fmaj7 Am7 Dm7 Bbmaj7 Fmaj7/A Cadd9 Gm7 Bbmaj7", bars_each=2)
    line = (
        "R:4 | R:2 C5:1 A4:1 | G4:4 | R:4 | R:2 F4:1 A4:1 | C5:3 D5:1 | A4:4 | R:4 |"
        "R:2 C5:1 E5:1 | F5:3 E5:1 | D5:4 | R:4 | R:2 D5:1 C5:1 | Bb4:2 G4:2 | A4:4 | R:4"
    )
    return Piece(
        track_id="slow-tide",
        title="Slow Tide",
        mood="calm",
        tempo_bpm=72,
        bars=16,
        seed=3,
        room_seconds=3.4,
        parts=(
            Part(
                instrument="pad",
                notes=tuple(held(harmony, centre=60, overlap=0.5)),
                level=-19.0,
                room=0.45,
            ),
            Part(
                instrument="pad",
                notes=tuple(held(harmony, centre=50, overlap=0.5, velocity=0.5)),
                level=-23.0,
                pan=-0.2,
                room=0.4,
            ),
            Part(
                instrument="bass",
                notes=tuple(basses(harmony, lowest=29, rhythm="x-------", ring=3.6)),
                level=-23.0,
                room=0.1,
            ),
            Part(
                instrument="vibes",
                notes=tuple(
                    broken(harmony, centre=69, order=(0, 2, 3, 1, 4, 2, 3, 1), step=1, ring=1.6)
                ),
                level=-18.0,
                pan=0.25,
                room=0.45,
            ),
            Part(
                instrument="harp",
                notes=tuple(broken(harmony, centre=62, order=(0, 1, 2, 3, 4, 5, 4, 2), ring=2.0)),
                level=-23.0,
                pan=-0.3,
                room=0.45,
            ),
            Part(instrument="flute", notes=tuple(melody(line)), level=-23.5, pan=0.05, room=0.5),
            Part(
                instrument="kick",
                notes=tuple(drum("x-o-x-o-", bars=16, velocity=0.5)),
                level=-29.0,
                room=0.3,
            ),
            Part(
                instrument="shaker",
                notes=tuple(drum("o-x-o-x-", bars=16, velocity=0.4)),
                level=-38.0,
                pan=-0.25,
                room=0.4,
            ),
            Part(
                instrument="surf",
                notes=tuple(drum("x---", bars=16, velocity=0.6))[::2],
                level=-34.0,
                room=0.3,
            ),
        ),
    )

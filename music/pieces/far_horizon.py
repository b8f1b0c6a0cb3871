"""Cinematic: strings that drive, horns that answer, low drums."""

from music.score import Part, Piece, basses, broken, chords, drum, held, melody


def piece() -> Piece:
    """Return the piece."""
    calm, wide, high = "Am F C G Am F C G", "Dm7 Am F G Dm7 Am F G", "F C G Am F C Dm7 E"
    harmony = (*chords(calm), *chords(wide, bar=8), *chords(high, bar=16))
    theme = (
        "A4:3 G4:1 | E4:4 | F4:2 A4:2 | G4:3 B4:1 | D5:3 C5:1 | E5:2 C5:2 | A4:2 C5:2 | B4:4 |"
        "C5:2 A4:1 C5:1 | E5:3 D5:1 | D5:2 B4:1 G4:1 | A4:4 | C5:2 F5:1 E5:1 | E5:2 G5:2 |"
        "F5:2 D5:1 F5:1 | E5:2 G#4:2"
    )
    return Piece(
        track_id="far-horizon",
        title="Far Horizon",
        mood="cinematic",
        tempo_bpm=80,
        bars=24,
        seed=5,
        room_seconds=2.6,
        # The calm beginning is raised: most films end within it, and must be as loud as the others.
        fader=((0, 1.6), (7, 1.6), (8.5, 0), (23.75, 0)),
        parts=(
            Part(
                instrument="short strings",
                notes=tuple(broken(harmony, centre=57, order=(0, 0, 2, 0, 1, 0, 2, 1), ring=0.3)),
                level=-20.0,
                pan=-0.25,
                room=0.35,
            ),
            Part(
                instrument="strings",
                notes=tuple(held(harmony, centre=64)),
                level=-22.0,
                pan=0.2,
                room=0.45,
            ),
            Part(
                instrument="strings",
                notes=tuple(basses(harmony, lowest=33, rhythm="x-------", ring=4.0)),
                level=-22.0,
                room=0.35,
            ),
            Part(
                instrument="horns",
                notes=tuple(melody(theme, bar=8)),
                level=-18.5,
                pan=-0.08,
                room=0.4,
            ),
            Part(
                instrument="strings",
                notes=tuple(melody(theme, bar=8, octave=1, velocity=0.6))[31:],
                level=-22.0,
                pan=0.15,
                room=0.45,
            ),
            Part(
                instrument="piano",
                notes=tuple(
                    broken(harmony, centre=76, order=(0, 1, 2, 1), step=1, ring=1.5, velocity=0.55)
                ),
                level=-22.5,
                pan=0.3,
                room=0.4,
            ),
            Part(
                instrument="skin",
                notes=(
                    *drum("x-------", bars=8, velocity=0.5),
                    *drum("x---x---", bars=8, bar=8, velocity=0.7),
                    *drum("x-ox--xo", bars=8, bar=16),
                ),
                level=-21.0,
                room=0.3,
            ),
            Part(
                instrument="shaker",
                notes=(
                    *drum("o-o-o-o-", bars=8, bar=8, velocity=0.6),
                    *drum("xoxoxoxo", bars=8, bar=16),
                ),
                level=-34.0,
                pan=-0.15,
                room=0.3,
            ),
        ),
    )

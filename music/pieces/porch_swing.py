"""Acoustic guitars on a porch."""

from music.score import Part, Piece, basses, broken, chords, drum, melody, struck


def piece() -> Piece:
    """Return the piece."""
    harmony = (*chords("C G/B Am7 F C G F C"), *chords("F C G Am7 F C Dm7 G", bar=8))
    tune = (
        "E5:1 G5:1 A5:1 G5:1 | D5:1.5 E5:.5 D5:2 | C5:1 E5:1 A4:1 C5:1 | C5:1 A4:1 F4:1 A4:1 |"
        "G4:1 C5:1 E5:1 G5:1 | D5:1.5 C5:.5 B4:1 D5:1 | C5:1 A4:1 C5:1 D5:1 | E5:2 C5:1 R:1 |"
        "A5:1.5 G5:.5 F5:1 C5:1 | E5:1 G5:1 E5:2 | D5:1 G5:1 B4:1 D5:1 | C5:1.5 D5:.5 E5:2 |"
        "F5:1 A5:1 C6:1 A5:1 | G5:1.5 E5:.5 C5:2 | D5:1 F5:1 A5:1 F5:1 | D5:1 B4:1 D5:2"
    )
    return Piece(
        track_id="porch-swing",
        title="Porch Swing",
        mood="acoustic",
        tempo_bpm=96,
        bars=16,
        seed=4,
        room_seconds=0.8,
        # A film of one clip has only this much of it.
        fader=((0, 0.5), (2, 0.5), (4, 0), (15.75, 0)),
        parts=(
            Part(
                instrument="guitar",
                notes=tuple(broken(harmony, centre=60, order=(0, 2, 1, 3, 0, 2, 1, 2), ring=1.4)),
                level=-19.0,
                pan=-0.4,
                room=0.15,
            ),
            Part(
                instrument="ukulele",
                notes=tuple(struck(harmony, centre=69, rhythm="--x---xo", ring=0.5)),
                level=-24.0,
                pan=0.45,
                room=0.15,
            ),
            Part(
                instrument="lead guitar",
                notes=tuple(melody(tune)),
                level=-18.5,
                pan=0.12,
                room=0.22,
            ),
            Part(
                instrument="flute",
                notes=tuple(melody(tune, velocity=0.6))[32:],
                level=-26.0,
                pan=-0.1,
                room=0.35,
            ),
            Part(
                instrument="upright bass",
                notes=tuple(basses(harmony, lowest=33, rhythm="x---5---", ring=1.6)),
                level=-20.0,
                room=0.06,
            ),
            Part(
                instrument="kick",
                notes=tuple(drum("x---x---", bars=16, velocity=0.6)),
                level=-27.0,
                room=0.05,
            ),
            Part(
                instrument="brush",
                notes=tuple(drum("--x---x-", bars=16)),
                level=-31.0,
                pan=0.1,
                room=0.15,
            ),
            Part(
                instrument="shaker",
                notes=tuple(drum("xoxoxoxo", bars=16)),
                level=-34.0,
                pan=-0.2,
                room=0.1,
            ),
        ),
    )

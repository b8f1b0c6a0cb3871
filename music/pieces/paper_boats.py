"""Playful: marimba, plucked strings, bells."""

from music.score import Part, Piece, basses, broken, chords, drum, melody, struck


def piece() -> Piece:
    """Return the piece."""
    verse = "F Dm7 Gm7 C F Dm7 Gm7 C"
    harmony = (*chords(verse), *chords("Bb F C7 F Bb F Gm7 C7", bar=8), *chords(verse, bar=16))
    tune = (
        "F5:.5 R:.5 A5:.5 R:.5 C6:.5 A5:.5 F5:1 | D5:.5 R:.5 F5:.5 R:.5 A5:.5 F5:.5 D5:1 |"
        "G5:.5 Bb5:.5 D6:.5 Bb5:.5 G5:1 F5:1 | E5:.5 R:.5 G5:.5 R:.5 C5:1 R:1 |"
        "F5:.5 R:.5 A5:.5 R:.5 C6:.5 D6:.5 C6:1 | A5:.5 R:.5 F5:.5 R:.5 D5:.5 E5:.5 F5:1 |"
        "Bb5:.5 A5:.5 G5:.5 F5:.5 G5:1 D5:1 | C5:.5 D5:.5 E5:.5 G5:.5 C6:1 R:1"
    )
    answer = (
        "D5:1 F5:.5 D5:.5 Bb4:1 D5:1 | C5:1 A4:.5 C5:.5 F5:2 | E5:1 G5:.5 E5:.5 C5:1 Bb4:1 |"
        "A4:1 C5:1 F5:2 | D6:1 Bb5:.5 F5:.5 D5:1 F5:1 | C6:1 A5:.5 F5:.5 C5:2 |"
        "Bb5:1 A5:.5 G5:.5 F5:1 D5:1 | E5:1 G5:1 C6:1 R:1"
    )
    return Piece(
        track_id="paper-boats",
        title="Paper Boats",
        mood="playful",
        tempo_bpm=120,
        bars=24,
        seed=6,
        room_seconds=0.9,
        # A film of one clip has only this much of it.
        fader=((0, 0.7), (3, 0.7), (6, 0), (23.75, 0)),
        parts=(
            Part(
                instrument="marimba",
                notes=(*melody(tune), *melody(tune, bar=16)),
                level=-18.5,
                pan=-0.15,
            ),
            Part(
                instrument="flute",
                notes=tuple(melody(answer, bar=8)),
                level=-20.0,
                pan=0.1,
                room=0.3,
            ),
            Part(
                instrument="bells",
                notes=(
                    *melody(answer, bar=8, octave=1, velocity=0.5),
                    *melody(tune, bar=16, octave=1),
                ),
                level=-24.0,
                pan=0.3,
                room=0.3,
            ),
            Part(
                instrument="ukulele",
                notes=tuple(struck(harmony, centre=67, rhythm="--x---x-", ring=0.3)),
                level=-22.0,
                pan=0.35,
                room=0.15,
            ),
            Part(
                instrument="pizzicato",
                notes=tuple(broken(harmony, centre=60, order=(0, 1, 2, 1), step=1, ring=0.5)),
                level=-22.0,
                pan=-0.35,
                room=0.25,
            ),
            Part(
                instrument="upright bass",
                notes=tuple(basses(harmony, lowest=29, rhythm="x---5---", ring=0.9)),
                level=-19.0,
                room=0.08,
            ),
            Part(
                instrument="kick",
                notes=tuple(drum("x---x---", bars=24, velocity=0.6)),
                level=-26.0,
                room=0.05,
            ),
            Part(
                instrument="block",
                notes=(*drum("--x-o-xo", bars=8), *drum("o-x-o-xx", bars=16, bar=8)),
                level=-30.0,
                pan=-0.3,
                room=0.2,
            ),
            Part(
                instrument="shaker",
                notes=tuple(drum("oxoxoxox", bars=16, bar=8)),
                level=-35.0,
                pan=0.2,
                room=0.1,
            ),
        ),
    )

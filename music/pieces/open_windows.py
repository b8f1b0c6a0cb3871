"""Bright pop for a day outside."""

from music.score import Part, Piece, basses, broken, chords, drum, held, melody, struck


def piece() -> Piece:
    """Return the piece."""
    verse, chorus = "G D Em7 C G D Em7 C", "C D Em7 G C D G G"
    harmony = (
        *chords(verse),
        *chords(chorus, bar=8),
        *chords(verse, bar=16),
        *chords(chorus, bar=24),
    )
    tune = (
        "B4:1 D5:1 G5:1.5 F#5:.5 | F#5:2 A4:2 | G5:1 F#5:.5 E5:.5 B4:2 | E5:1.5 D5:.5 C5:1 E5:1 |"
        "D5:1 B4:1 G5:1 A5:1 | F#5:1.5 E5:.5 D5:2 | E5:1 G5:1 B5:1 A5:.5 G5:.5 | G5:2 E5:1 D5:1"
    )
    hook = (
        "E5:.5 G5:.5 C6:1 B5:1 G5:1 | A5:1.5 F#5:.5 D5:1 F#5:1 | G5:1 B5:1 A5:.5 G5:.5 E5:1 |"
        "D5:2 B4:1 D5:1 | E5:.5 G5:.5 C6:1 D6:1 B5:1 | A5:1 B5:.5 A5:.5 F#5:2 | G5:3 D5:1 |"
        "B4:1 D5:1 E5:1 D5:1"
    )
    return Piece(
        track_id="open-windows",
        title="Open Windows",
        mood="bright",
        tempo_bpm=120,
        bars=32,
        seed=2,
        room_seconds=1.2,
        # A film of one clip has only this much of it.
        fader=((0, 0.7), (3, 0.7), (6, 0), (31.75, 0)),
        parts=(
            Part(
                instrument="synth",
                notes=tuple(broken(harmony, centre=67, order=(0, 2, 1, 3, 2, 1, 3, 2), ring=0.5)),
                level=-22.5,
                pan=-0.35,
            ),
            Part(
                instrument="guitar",
                notes=tuple(struck(harmony, centre=62, rhythm="x--ox-o-", ring=0.9, velocity=0.55)),
                level=-22.5,
                pan=0.35,
            ),
            Part(
                instrument="lead guitar",
                notes=(*melody(tune), *melody(tune, bar=16)),
                level=-19.5,
                pan=0.1,
                room=0.3,
            ),
            Part(
                instrument="bells",
                notes=(
                    *melody(hook, bar=8),
                    *melody(tune, bar=16, octave=1, velocity=0.35),
                    *melody(hook, bar=24),
                ),
                level=-20.5,
                pan=-0.1,
                room=0.35,
            ),
            Part(
                instrument="pad",
                notes=tuple(held((*harmony[8:16], *harmony[24:]), centre=60)),
                level=-26.0,
                room=0.4,
            ),
            Part(
                instrument="bass",
                notes=tuple(basses(harmony, lowest=31, rhythm="x-ox-x5o", ring=0.45)),
                level=-19.5,
                room=0.04,
            ),
            Part(
                instrument="kick",
                notes=tuple(drum("x-x-x-xo", bars=32)),
                level=-21.0,
                room=0.05,
            ),
            Part(
                instrument="clap",
                notes=(
                    *drum("--x---x-", bars=32),
                    *drum("------xo", bars=1, bar=15, velocity=0.5),
                ),
                level=-26.0,
                pan=0.05,
                room=0.2,
            ),
            Part(
                instrument="hat",
                notes=(*drum("oxoxoxox", bars=16), *drum("xooxxoox", bars=16, bar=16)),
                level=-33.0,
                pan=0.25,
                room=0.1,
            ),
        ),
    )

"""
Write the music: `python -m music [track …]` fills `assets/music/`.

It takes about a minute a track and prints what `echoes.domain.music.tracks` must say of each file.
The same code, numpy and FFmpeg write the same file; others may differ in inaudible bits, and
then the
catalogue has to be brought up to date with what is printed.
"""

import hashlib
import sys
from pathlib import Path
from typing import Final

from music.bank import write_bank
from music.meter import decoded, read
from music.mixer import mix
from music.pieces import PIECES

FOLDER: Final = Path(__file__).parents[1] / "assets" / "music"


def main(wanted: list[str]) -> None:
    """Write the pieces named, or all."""
    unknown = set(wanted) - {piece.track_id for piece in PIECES}
    if unknown:
        sys.exit(f"no such piece: {', '.join(sorted(unknown))}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for piece in PIECES:
        if wanted and piece.track_id not in wanted:
            continue
        path = FOLDER / f"{piece.track_id}.m4a"
        write_bank(mix(piece), path)
        reading = read(decoded(path))
        content = path.read_bytes()
        print(
            f"{piece.track_id}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()},"
            f" {reading.loudness_lufs:.1f} LUFS, {reading.true_peak_dbtp:.1f} dBTP",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])

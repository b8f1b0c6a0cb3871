"""The functions that take in photos and music."""

from typing import Final

from infra.functions.spec import API_SECONDS, FunctionSpec

UPLOAD_API: Final = FunctionSpec(
    folder="upload",
    module="api",
    does="Creates upload forms and shows uploads.",
    timeout_seconds=API_SECONDS,
    concurrency=30,
    snap_start=True,
)
UPLOAD_OPEN_PHOTO: Final = FunctionSpec(
    folder="upload",
    module="open_photo",
    does="Opens an uploaded photo safely and makes its preview.",
    timeout_seconds=60,
    # One full vCPU: decoding a 50-megapixel photo is all it does.
    memory_mib=1769,
    concurrency=30,
    video=True,
    asynchronous=True,
)
UPLOAD_OPEN_MUSIC: Final = FunctionSpec(
    folder="upload",
    module="open_music",
    does="Opens uploaded music safely and prepares it for films.",
    # The work stops itself before: fifteen minutes of music take half a minute of one full vCPU.
    timeout_seconds=120,
    memory_mib=1769,
    concurrency=10,
    video=True,
    asynchronous=True,
)

UPLOADS: Final = (UPLOAD_API, UPLOAD_OPEN_PHOTO, UPLOAD_OPEN_MUSIC)

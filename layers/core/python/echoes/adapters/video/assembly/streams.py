"""
Sources and sinks of a film's bytes: files, or objects in a store.

An object in a store is anything with `size` and `read`; `PartedSink` uploads in parts. Neither
needs the whole file in memory or on a disk.
"""

import io
import os
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PART_BYTES: Final = 8 * 1024 * 1024
"""S3 takes parts from 5 MiB, and 10,000 of them: 80 GB."""

PARTS_IN_FLIGHT: Final = 3
BLOCK_BYTES: Final = 4 * 1024 * 1024
BLOCKS_AHEAD: Final = 4
"""Blocks of a remote source that are fetched while earlier ones are written: 16 MiB."""


class Source(Protocol):
    """Bytes of a known number that can be read anywhere, by several threads at once."""

    @property
    def size(self) -> int:
        """The number of bytes."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on; fewer only at the end."""
        ...


class Sink(Protocol):
    """Takes bytes one after the other."""

    def write(self, data: bytes) -> None:
        """Append *data*."""
        ...


class FileSource:
    """A file, kept open until it is no longer referenced, so that it may be unlinked meanwhile."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self.size = os.fstat(self._file.fileno()).st_size

    def __del__(self) -> None:
        file = getattr(self, "_file", None)
        if file is not None:
            file.close()

    def fileno(self) -> int:
        """Return the file's descriptor, for the kernel to copy from."""
        return self._file.fileno()

    def read(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on; fewer only at the end."""
        return os.pread(self.fileno(), length, offset)


class BytesSource:
    """Bytes in memory."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size = len(content)

    def read(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on; fewer only at the end."""
        return self._content[offset : offset + length]


class BytesSink:
    """Gathers in memory; for a few frames."""

    def __init__(self) -> None:
        self.buffer = io.BytesIO()

    def write(self, data: bytes) -> None:
        """Append *data*."""
        self.buffer.write(data)


class FileSink:
    """Writes a new file; what comes from a file is copied by the kernel."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)

    def write(self, data: bytes) -> None:
        """Append *data*."""
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]

    def copy(self, source: FileSource, offset: int, length: int) -> None:
        """Append bytes of *source* that never enter this process."""
        while length:
            done = os.copy_file_range(source.fileno(), self._file.fileno(), length, offset)
            if not done:
                raise OSError(f"the source ended at {offset}")
            offset += done
            length -= done

    def leave(self, length: int) -> None:
        """Reserve room at the beginning, before anything is written; `fill` it later."""
        self._file.seek(length)

    def fill(self, data: bytes) -> None:
        """Write into the reserved room."""
        if os.pwrite(self._file.fileno(), data, 0) != len(data):
            raise OSError("only part of the data was written to disk")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class PartedSink:
    """
    Sends parts of one size, the last one smaller, while later ones are made.

    *send* gets a part's number, from 1 on, and its bytes; it runs in threads of this sink and
    may raise, which `write` or `close` then raises. `close` sends the rest and waits for all.
    Memory holds four parts at most. On an error the caller aborts the upload.
    """

    def __init__(self, send: Callable[[int, bytes], None], *, part_bytes: int = PART_BYTES) -> None:
        self._send = send
        self._part_bytes = part_bytes
        self._pending = bytearray()
        self._pool = ThreadPoolExecutor(max_workers=PARTS_IN_FLIGHT)
        self._sent: deque[Future[None]] = deque()
        self.parts = 0

    def write(self, data: bytes) -> None:
        """Append *data*; wait while too many parts are being sent."""
        view = memoryview(data)
        while view:
            room = self._part_bytes - len(self._pending)
            self._pending += view[:room]
            view = view[room:]
            if len(self._pending) == self._part_bytes:
                self._ship()

    def close(self) -> None:
        """Send the rest and wait until everything has arrived."""
        try:
            if self._pending:
                self._ship()
            while self._sent:
                self._sent.popleft().result()
        finally:
            self._pool.shutdown(cancel_futures=True)

    def abort(self) -> None:
        """Send no more."""
        self._pool.shutdown(cancel_futures=True)

    def _ship(self) -> None:
        while len(self._sent) >= PARTS_IN_FLIGHT:
            self._sent.popleft().result()
        self.parts += 1
        self._sent.append(self._pool.submit(self._send, self.parts, bytes(self._pending)))
        self._pending = bytearray()


class SourceFile(io.RawIOBase):
    """A source as a file object, for libraries that seek."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source
        self._at = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position and return it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._source.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill *buffer* as far as there are bytes."""
        view = memoryview(buffer).cast("B")
        data = self._source.read(self._at, len(view))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


Piece = bytes | tuple[Source, int, int]
"""Bytes as they are, or so many from an offset of a source."""


def pour(pieces: Sequence[Piece], sink: Sink, *, on_progress: Callable[[int], None]) -> None:
    """
    Write the pieces one after the other; *on_progress* receives the bytes as they are written.

    From file to file the kernel copies. Everything else is read ahead, in larger blocks than the
    pieces are. Raises what sources and sinks raise, and `EOFError` where a source is too short.
    """
    between_files = isinstance(sink, FileSink)
    remote = [
        piece
        for piece in pieces
        if isinstance(piece, tuple) and not (between_files and isinstance(piece[0], FileSource))
    ]
    with closing(_read_ahead(remote)) as fetched:
        for piece in pieces:
            if isinstance(piece, bytes):
                sink.write(piece)
                on_progress(len(piece))
                continue
            source, offset, length = piece
            if isinstance(sink, FileSink) and isinstance(source, FileSource):
                sink.copy(source, offset, length)
            else:
                sink.write(next(fetched))
            on_progress(length)


@dataclass(slots=True, kw_only=True)
class _Block:
    """A run of bytes fetched at once, and how many pieces still want some of it."""

    source: Source
    start: int
    end: int
    wanted: int


def _read_ahead(pieces: Sequence[tuple[Source, int, int]]) -> Generator[bytes, None, None]:
    blocks: list[_Block] = []
    home: list[int] = []
    for source, offset, length in pieces:
        last = blocks[-1] if blocks else None
        if (
            last is not None
            and last.source is source
            and last.end == offset
            and offset + length - last.start <= BLOCK_BYTES
        ):
            last.end, last.wanted = offset + length, last.wanted + 1
        else:
            blocks.append(_Block(source=source, start=offset, end=offset + length, wanted=1))
        home.append(len(blocks) - 1)
    if not blocks:
        return
    fetched: dict[int, Future[bytes]] = {}
    asked = 0
    pool = ThreadPoolExecutor(max_workers=BLOCKS_AHEAD)
    try:
        for (_, offset, length), place in zip(pieces, home, strict=True):
            while asked < min(place + 1 + BLOCKS_AHEAD, len(blocks)):
                fetched[asked] = pool.submit(_block, blocks[asked])
                asked += 1
            block = blocks[place]
            data = fetched[place].result()
            block.wanted -= 1
            if not block.wanted:
                del fetched[place]
            yield data[offset - block.start : offset - block.start + length]
    finally:
        pool.shutdown(cancel_futures=True)


def _block(block: _Block) -> bytes:
    data = block.source.read(block.start, block.end - block.start)
    if len(data) != block.end - block.start:
        raise EOFError(f"the source ended before {block.end}")
    return data

"""The films of the provider's simulator: made once, and still every move of the camera."""

from concurrent.futures import Future
from pathlib import Path

import pytest

from dev.simulators.runway.media import rendering
from dev.simulators.runway.media.rendering import VARIANTS, Job, RenderMode, RenderPool
from echoes.adapters.video import camera, still_motion
from echoes.adapters.video.camera import Scene
from echoes.adapters.video.focus import Focus
from echoes.domain.clips.clip import Motion


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return the seeds of the films that were really made, as a list that grows."""
    made: list[object] = []

    def render(_photo: bytes, *, seed: int, **_rest: object) -> bytes:
        made.append(seed)
        return f"film {seed}".encode()

    monkeypatch.setattr(still_motion, "render_still_motion", render)
    rendering._film.cache_clear()
    return made


def film_of(directory: Path, photo: bytes, *, seed: int, seconds: int = 5) -> bytes:
    """Return the film of a photo, ordered as the simulator orders it."""
    source, film = directory / f"photo {seed} {seconds} {photo!r}", directory / "film.mp4"
    source.write_bytes(photo)
    pool, ended = RenderPool(), Future[None]()

    def on_done(error: BaseException | None) -> None:
        ended.set_exception(error) if error else ended.set_result(None)

    job = Job(
        photo=source,
        film=film,
        width=1280,
        height=720,
        duration_seconds=seconds,
        motion="auto",
        seed=seed,
    )
    pool.order(job, RenderMode.MOVING, on_done)
    ended.result(timeout=10)
    pool.close()
    return film.read_bytes()


def test_the_same_order_is_made_once(tmp_path: Path, rendered: list[object]) -> None:
    """Another photo, length or kind of seed is another film."""
    first = film_of(tmp_path, b"a cat", seed=6)
    assert film_of(tmp_path, b"a cat", seed=6 + VARIANTS) == first
    assert len(rendered) == 1
    assert film_of(tmp_path, b"a cat", seed=7) != first
    film_of(tmp_path, b"a cat", seed=6, seconds=2)
    film_of(tmp_path, b"a dog", seed=6)
    assert len(rendered) == 4


@pytest.mark.parametrize("focus", [Focus(x=0.5, y=0.5), Focus(x=0.2, y=0.5), Focus(x=0.8, y=0.5)])
@pytest.mark.parametrize("size", [(1000, 3000), (3000, 1000), (1280, 720)])
def test_no_move_is_lost(size: tuple[int, int], focus: Focus) -> None:
    """The few seeds that are left reach each move that any seed reaches."""
    scene = Scene(width=size[0], height=size[1], ratio=1280 / 720)

    def moves(seeds: range) -> set[Motion]:
        return {camera.choose(Motion.AUTO, scene=scene, focus=focus, seed=seed) for seed in seeds}

    assert moves(range(VARIANTS)) == moves(range(100))

"""Masters and music made once, for they do not change."""

from pathlib import Path

import pytest

from echoes.adapters.video.music.preparation import prepare_music
from tests.support import footage
from tests.support.footage import Cutting


@pytest.fixture(scope="session")
def masters(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    directory = tmp_path_factory.mktemp("masters")
    return [
        footage.master(directory / f"clip{seed}.mp4", seed=seed, crf=20 + seed % 3)
        for seed in range(6)
    ]


@pytest.fixture(scope="session")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("music")
    wave = footage.write_wave(directory / "loop.wav", footage.melody())
    return prepare_music(wave, directory / "loop.m4a", loop=True).path


@pytest.fixture
def room(tmp_path: Path, masters: list[Path], music: Path) -> Cutting:
    return footage.cutting(tmp_path, masters, music)

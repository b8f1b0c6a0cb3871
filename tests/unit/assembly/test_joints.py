"""Cross-fades, dips and cards: only their frames are encoded, and nobody sees where."""

import unicodedata
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFont

from echoes.adapters.video import planes
from echoes.adapters.video.assembly import cards, render
from echoes.adapters.video.assembly.cards import draw_card
from echoes.adapters.video.assembly.joints import write_joint
from echoes.adapters.video.assembly.streams import FileSink, FileSource
from echoes.adapters.video.assembly.tables import FootageUnusable
from echoes.adapters.video.assembly.verify import verify_film
from echoes.adapters.video.boxes import stream_signature
from echoes.domain.assembly.render_plan import Joint, TitleCard
from echoes.domain.assembly.transitions import Transition
from tests.support import footage
from tests.support.footage import HEIGHT, WIDTH, Cutting, pictures_of, prints
from tests.support.masters import DirectorySegments

Grey = NDArray[np.float64]


def grey(frame: av.VideoFrame) -> Grey:
    return np.asarray(planes.from_frame(frame).y, dtype=np.float64)


def similarity(one: Grey, other: Grey) -> float:
    """SSIM over blocks of 8 x 8."""
    height, width = one.shape[0] // 8 * 8, one.shape[1] // 8 * 8
    a, b = (
        picture[:height, :width]
        .reshape(height // 8, 8, width // 8, 8)
        .swapaxes(1, 2)
        .reshape(-1, 64)
        for picture in (one, other)
    )
    p, q = a.mean(1), b.mean(1)
    top = (2 * p * q + 6.5) * (2 * ((a * b).mean(1) - p * q) + 58.5)
    return float((top / ((p * p + q * q + 6.5) * (a.var(1) + b.var(1) + 58.5))).mean())


def cross_faded(before: list[av.VideoFrame], after: list[av.VideoFrame]) -> list[Grey]:
    ends, starts = before[-12:], after[:12]
    return [
        grey(old) * (1 - place / 13) + grey(new) * place / 13
        for place, (old, new) in enumerate(zip(ends, starts, strict=True), start=1)
    ]


def dipped(before: list[av.VideoFrame], after: list[av.VideoFrame]) -> list[Grey]:
    down = [16 + (grey(old) - 16) * (1 - place / 12) for place, old in enumerate(before[-12:], 1)]
    up = [16 + (grey(new) - 16) * place / 13 for place, new in enumerate(after[:12], 1)]
    return down + up


@pytest.mark.parametrize(
    ("kind", "blend"), [(Transition.CROSS_FADE, cross_faded), (Transition.DIP, dipped)]
)
def test_a_joint_is_as_good_as_a_film_encoded_whole(
    room: Cutting,
    kind: Transition,
    blend: Callable[[list[av.VideoFrame], list[av.VideoFrame]], list[Grey]],
) -> None:
    """SSIM of every frame of a joint is that of one encode of the same pictures, to 0.01."""
    path, _ = room.assemble(room.plan(room.masters[:2], transition=kind))
    frames = pictures_of(path)
    first, second = (pictures_of(room.files[master.handle]) for master in room.masters[:2])
    wanted = blend(first, second)
    joint = [grey(frame) for frame in frames[36 : 36 + len(wanted)]]
    whole = footage.encoded_whole(
        [Image.fromarray(picture.round().astype(np.uint8)) for picture in wanted]
    )
    rival = [similarity(grey(seen), want) for seen, want in zip(whole, wanted, strict=True)]
    quality = [similarity(seen, want) for seen, want in zip(joint, wanted, strict=True)]
    ends = [
        similarity(grey(first[35]), grey(frames[35])),
        similarity(grey(second[12]), grey(frames[36 + len(wanted)])),
    ]
    assert ends == [1.0, 1.0]
    assert min(quality) > 0.97
    assert np.mean(quality) > np.mean(rival) - 0.01


def test_around_joints_every_frame_is_the_masters(room: Cutting) -> None:
    """A frame outside the half second has the master's hash."""
    path, made = room.assemble(room.plan(transition=Transition.CROSS_FADE))
    frames = prints(pictures_of(path))
    originals = [prints(pictures_of(room.files[master.handle])) for master in room.masters]
    assert frames[12:36] == originals[0][12:36]
    for place in range(1, 5):
        start = 36 * place + 12
        assert frames[start : start + 24] == originals[place][12:36]
    assert frames[-36:-12] == originals[-1][12:36]
    assert made.rendered.encoded_frames == 12 * (5 + 2)


def test_after_one_change_only_its_joints_are_encoded(room: Cutting) -> None:
    """The second assembly finds what the first one kept."""
    first, made = room.assemble(room.plan(transition=Transition.DIP))
    assert (len(made.rendered.encoded), made.rendered.reused) == (5 + 2, 0)
    again, repeated = room.assemble(room.plan(transition=Transition.DIP), "again.mp4")
    assert (repeated.rendered.encoded_frames, repeated.rendered.reused) == (0, 5 + 2)
    assert again.read_bytes() == first.read_bytes()
    changed = (*room.masters[:3], room.masters[0], *room.masters[4:])
    _, other = room.assemble(room.plan(changed, transition=Transition.DIP), "other.mp4")
    assert (len(other.rendered.encoded), other.rendered.reused) == (2, 3 + 2)


def test_a_crash_between_joints_costs_only_the_unfinished_one(
    room: Cutting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was kept before the crash is found by the retry, and the film is the same."""
    plan = room.plan(transition=Transition.CROSS_FADE)
    whole, _ = room.assemble(plan)
    for kept in (room.directory / "segments").iterdir():
        kept.unlink()
    real = write_joint
    count = 0

    def crash(*arguments: Any, **named: Any) -> int:  # noqa: ANN401  # passed through
        nonlocal count
        count += 1
        if count == 4:
            raise MemoryError
        return real(*arguments, **named)

    monkeypatch.setattr(render, "write_joint", crash)
    with pytest.raises(MemoryError):
        room.assemble(plan, "crashed.mp4")
    monkeypatch.setattr(render, "write_joint", real)
    path, made = room.assemble(plan, "retried.mp4")
    assert 1 <= len(made.rendered.encoded) <= 3
    assert path.read_bytes() == whole.read_bytes()
    assert not list(room.directory.glob("segments/*.part"))


def test_work_stops_when_the_listener_raises(room: Cutting) -> None:
    """Cancelling is an exception out of the progress: nothing is written after it."""

    class Cancelled(Exception):
        pass

    on_progress: list[float] = []

    def listen(share: float) -> None:
        on_progress.append(share)
        if share > 0.3:
            raise Cancelled

    plan = room.plan(transition=Transition.DIP)
    (room.directory / "segments").mkdir()
    assembler = render.FilmAssembler(
        room.sources(), DirectorySegments(room.directory / "segments"), workers=1
    )
    target = room.directory / "film.mp4"
    sink = FileSink(target)
    with pytest.raises(Cancelled):
        assembler.assemble(plan, sink, on_progress=listen)
    sink.close()
    assert on_progress == sorted(on_progress)
    assert target.stat().st_size == 0
    assert len(list((room.directory / "segments").iterdir())) < 5


def test_a_title_card_opens_the_film_and_fades_into_it(room: Cutting) -> None:
    """The card is footage like any other: drawn once, joined like a clip, found again."""
    card = TitleCard(text="Our summer", width=WIDTH, height=HEIGHT, frames=48)
    plan = room.plan((card, *room.masters[:2]), transition=Transition.CROSS_FADE)
    path, made = room.assemble(plan)
    report = verify_film(FileSource(path), plan)
    assert not report.findings
    assert made.rendered.encoded_frames == 48 + 2 * 12 + 2 * 12
    opening = grey(pictures_of(path)[12])
    wanted = np.asarray(planes.from_rgb(draw_card(card)).y, dtype=np.float64)
    assert similarity(opening, wanted) > 0.97
    assert opening.max() > 200
    _, again = room.assemble(
        room.plan((card, *room.masters[2:4]), transition=Transition.DIP), "b.mp4"
    )
    assert card.key not in again.rendered.encoded


@pytest.mark.parametrize("kind", [Transition.CROSS_FADE, Transition.DIP])
def test_a_film_rises_out_of_black_and_sinks_into_it(room: Cutting, kind: Transition) -> None:
    """Half a second at either end, each frame a step lighter or darker; its length stays."""
    path, _ = room.assemble(room.plan(room.masters[:2], transition=kind))
    frames = pictures_of(path)
    first, last = (pictures_of(room.files[master.handle]) for master in room.masters[:2])
    up = [16 + (grey(old) - 16) * place / 13 for place, old in enumerate(first[:12], 1)]
    down = [16 + (grey(old) - 16) * (1 - place / 12) for place, old in enumerate(last[-12:], 1)]
    for seen, wanted in zip((*frames[:12], *frames[-12:]), (*up, *down), strict=True):
        assert similarity(grey(seen), wanted) > 0.95
        assert abs(grey(seen).mean() - wanted.mean()) < 1
    assert grey(frames[0]).mean() < 16 + 0.1 * (grey(first[0]).mean() - 16)
    assert grey(frames[-1]).max() <= 18
    assert len(frames) == 96 - (12 if kind is Transition.CROSS_FADE else 0)


def test_a_film_of_hard_cuts_begins_and_ends_with_its_own_pictures(room: Cutting) -> None:
    """Nothing is decoded for it, and its first frame is the first clip's."""
    path, made = room.assemble(room.plan())
    assert made.rendered.encoded == ()
    frames = prints(pictures_of(path))
    assert frames[0] == prints(pictures_of(room.files["clip0"]))[0]
    assert frames[-1] == prints(pictures_of(room.files["clip5"]))[-1]


@pytest.mark.parametrize("titled", [False, True], ids=["clips", "with a card"])
@pytest.mark.parametrize("kind", Transition)
def test_picture_and_sound_begin_and_end_together(
    room: Cutting, kind: Transition, *, titled: bool
) -> None:
    """At most 20 ms apart at both ends of the finished file, whatever it is made of."""
    card = TitleCard(text="Summer", width=WIDTH, height=HEIGHT, frames=31)
    plan = room.plan((*([card] if titled else []), *room.masters[:3]), transition=kind)
    path, _ = room.assemble(plan)
    report = verify_film(FileSource(path), plan)
    assert not report.findings
    assert report.start_offset_seconds is not None
    assert report.end_offset_seconds is not None
    assert abs(report.start_offset_seconds) <= 0.02
    assert abs(report.end_offset_seconds) <= 0.02
    with av.open(str(path)) as container:
        lengths = [
            float(stream.duration * stream.time_base)
            for stream in container.streams
            if stream.duration and stream.time_base
        ]
    assert len(lengths) == 2
    assert abs(lengths[0] - lengths[1]) <= 0.02
    assert abs(lengths[0] - plan.duration_seconds) < 0.001


@pytest.mark.parametrize("size", [(192, 108), (108, 192), (1280, 720), (720, 1280), (720, 720)])
@pytest.mark.parametrize(
    "text",
    [
        "A",
        "Summer in Brittany, with everybody whom we love and miss so very much",
        "Wassersportwochenende",
        "W" * 80,
        "Our " + "\N{PER TEN THOUSAND SIGN}" * 76,
    ],
)
def test_a_title_stays_inside_the_picture(text: str, size: tuple[int, int]) -> None:
    """
    Long titles are wrapped and shrink; screens cut edges off, so a tenth stays free.

    A word that no line could hold is broken: no title is too long to be shown.
    """
    width, height = size
    box = draw_card(TitleCard(text=text, width=width, height=height)).convert("L").getbbox()
    assert box is not None
    assert box[0] >= width * 0.09
    assert box[2] <= width * 0.91
    assert box[1] >= height * 0.15
    assert box[3] <= height * 0.85
    assert abs((box[0] + box[2]) / 2 - width / 2) < width * 0.03
    assert abs((box[1] + box[3]) / 2 - height / 2) < height * 0.06


def test_a_title_that_cannot_be_written_is_refused() -> None:
    """Boxes in the place of letters would be a wrong film."""
    for text in ("夏休み", "🏖️", "חופשת קיץ", "عطلة الصيف", "Sommer קיץ", "١٩٨٧"):
        with pytest.raises(FootageUnusable, match="no_letter"):
            draw_card(TitleCard(text=text, width=1280, height=720))
    for text in (
        "Příští léto",
        "Été à Brest",
        "Größe",
        "Ćma, ślub",
        "Ελλάδα",
        "Лето",
        "Summer ☀️ 2026 🏖️",
    ):
        draw_card(TitleCard(text=text, width=1280, height=720))
    with pytest.raises(FootageUnusable, match="long_title"):
        draw_card(TitleCard(text="W" * 8000, width=192, height=108))


def test_a_card_has_the_same_bytes_wherever_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """No library of the system has a say: deployed functions have none of them."""
    watched = Mock(wraps=ImageFont.truetype)
    monkeypatch.setattr(ImageFont, "truetype", watched)
    draw_card(TitleCard(text="Summer", width=1280, height=720))
    asked = [call.kwargs.get("layout_engine") for call in watched.call_args_list]
    assert asked
    assert set(asked) == {ImageFont.Layout.BASIC}


def test_letters_are_drawn_alike_however_they_were_typed() -> None:
    """Some keyboards send a letter and its accent as two; invisible marks leave no trace."""
    size = {"width": 320, "height": 180}
    wanted = draw_card(TitleCard(text="Été à Brest", **size)).tobytes()
    for text in (
        unicodedata.normalize("NFD", "Été à Brest"),
        "\u200fÉté  à Bre\u00adst\ufe0f\n",
    ):
        assert draw_card(TitleCard(text=text, **size)).tobytes() == wanted


def test_a_broken_word_keeps_its_letters_and_their_marks() -> None:
    """Nothing is lost at the end of a line, and no mark begins the next one."""
    word = "x\u0302" * 60
    letters = cards._letters(40)
    pieces = list(cards._break_word(word, letters, 300))
    assert "".join(pieces) == word
    assert len(pieces) > 1
    assert all(piece.startswith("x") for piece in pieces)
    assert all(letters.getlength(piece) <= 300 for piece in pieces)


def test_joints_have_the_signature_of_their_clips(room: Cutting) -> None:
    """Else a player would need another decoder in the middle of the film."""
    plan = room.plan(room.masters[:2], transition=Transition.CROSS_FADE)
    room.assemble(plan)
    (joint,) = (segment for segment in plan.segments if isinstance(segment, Joint))
    kept = room.directory / "segments" / f"{joint.key}.mp4"
    assert stream_signature(kept) == plan.signature

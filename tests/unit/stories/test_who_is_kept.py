"""Of photos that are much the same: which one is kept, where it stands, what is said of others."""

from itertools import permutations

import pytest
from hypothesis import given, settings

from echoes.domain.assembly.transitions import Transition
from echoes.domain.stories.plan import propose_story
from echoes.domain.stories.selection import (
    SAME_PICTURE_BITS,
    Likeness,
    Selection,
    StoryPhoto,
    differing_bits,
    select_photos,
)
from tests.support.story_photos import a_little_other, a_photo, heaps, scene

CAT, DOG, SEA = scene(1), scene(2), scene(3)
SMALL = (1600, 1200)


def kept(selection: Selection) -> list[str]:
    return [photo.upload_id for chapter in selection.chapters for photo in chapter.photos]


def instead(selection: Selection) -> dict[str, str]:
    return {left.upload_id: left.instead for left in selection.set_aside}


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (
            a_photo("kept", minutes=5, bits=CAT, sharpness=701),
            a_photo("left", minutes=None, size=SMALL, bits=CAT, sharpness=756),
        ),
        (
            a_photo("kept", minutes=5, size=SMALL, bits=CAT, sharpness=500),
            a_photo("left", minutes=None, bits=CAT, sharpness=900),
        ),
        (
            a_photo("kept", minutes=5, bits=CAT, sharpness=701),
            a_photo("left", minutes=1500, size=SMALL, bits=CAT, sharpness=756),
        ),
        (
            a_photo("kept", minutes=None, bits=CAT, sharpness=None),
            a_photo("left", minutes=None, size=SMALL, bits=CAT, sharpness=756),
        ),
        (
            a_photo("kept", minutes=5, bits=CAT, sharpness=701),
            a_photo("left", minutes=5, bits=CAT, sharpness=700),
        ),
    ],
    ids=["a chat copy", "the only date", "saved a day later", "no dates", "equal files"],
)
def test_of_one_picture_the_original_is_kept(better: StoryPhoto, worse: StoryPhoto) -> None:
    """E4: by date, then pixels, then sharpness: to compress and shrink may seem to sharpen."""
    copy = a_little_other(int(worse.perceptual_hash or "0", 16), by=SAME_PICTURE_BITS)
    worse = a_photo_looking(worse, copy)
    for uploaded in permutations([better, worse]):
        assert instead(select_photos(uploaded)) == {"left": "kept"}


def test_the_original_is_kept_though_a_third_picture_lies_between() -> None:
    """E4: what is the same picture as the one kept is never the larger one."""
    near, far = (a_little_other(CAT, by=by) for by in (SAME_PICTURE_BITS, SAME_PICTURE_BITS + 3))
    selection = select_photos(
        [
            a_photo("least", minutes=0, size=(800, 600), bits=CAT, sharpness=100),
            a_photo("sharp", minutes=0.5, size=SMALL, bits=near, sharpness=900),
            a_photo("large", minutes=0.9, bits=far, sharpness=300),
        ]
    )
    assert instead(selection) == {"least": "large", "sharp": "large"}


def a_photo_looking(photo: StoryPhoto, bits: int) -> StoryPhoto:
    return StoryPhoto(
        upload_id=photo.upload_id,
        width=photo.width,
        height=photo.height,
        taken_at=photo.taken_at,
        perceptual_hash=f"{bits:016x}",
        sharpness=photo.sharpness,
    )


def test_a_copy_does_not_move_the_shot() -> None:
    """E3: the picture stands where its date says, wherever its copies were uploaded."""
    chat = a_photo("cat-from-chat", minutes=None, size=SMALL, bits=CAT, sharpness=900)
    album = [
        a_photo("sea", minutes=20, bits=SEA),
        a_photo("dog", minutes=0, bits=DOG),
        a_photo("cat", minutes=10, bits=CAT),
    ]
    for uploaded in permutations([chat, *album]):
        assert kept(select_photos(uploaded)) == ["dog", "cat", "sea"]


def test_a_picture_has_the_earliest_date_of_its_copies() -> None:
    """E3: what was saved again the next day is of the day before."""
    first = a_photo("shared", minutes=10, size=SMALL, bits=CAT, offset_minutes=540)
    export = a_photo("export", minutes=1450, bits=CAT)
    album = [a_photo(f"other-{n}", minutes=n * 20, bits=scene(8 + n)) for n in range(3)]
    for uploaded in ([first, export, *album], [*album, export, first]):
        selection = select_photos(uploaded)
        assert kept(selection) == ["other-0", "export", "other-1", "other-2"]
        assert len(selection.chapters) == 1
        (chapter,) = selection.chapters
        assert chapter.photos[1].taken_there == first.taken_there
        assert chapter.photos[1].taken_offset_minutes == 540
        assert (chapter.photos[1].width, chapter.photos[1].height) == (4032, 3024)


def test_without_dates_a_picture_stands_where_its_first_copy_was_uploaded() -> None:
    """E3: the best file is kept, in the place of the first; the plan says so."""
    uploaded = [
        a_photo("sea", minutes=None, bits=SEA),
        a_photo("cat-small", minutes=None, size=SMALL, bits=CAT),
        a_photo("dog", minutes=None, bits=DOG),
        a_photo("cat", minutes=None, bits=CAT),
    ]
    plan = propose_story(uploaded)
    assert [shot.upload_id for shot in plan.shots] == ["sea", "cat", "dog"]
    assert [shot.reasons[0].text for shot in plan.shots] == [
        "no date: it comes first, because it was uploaded first",
        "no date: it takes the place of the first copy you uploaded",
        "no date: it follows the photo uploaded before it",
    ]


def test_of_a_burst_the_sharpest_picture_is_kept_and_of_it_the_original() -> None:
    """E4: a copy's sharpness counts for nothing against its original's."""
    blurred, sharp = CAT, CAT ^ 0xFFF
    burst = [
        a_photo("blurred", minutes=0, bits=blurred, sharpness=300),
        a_photo("blurred-chat", minutes=None, size=SMALL, bits=blurred, sharpness=950),
        a_photo("sharp", minutes=0.02, bits=sharp, sharpness=800),
        a_photo("sharp-chat", minutes=None, size=SMALL, bits=sharp, sharpness=900),
    ]
    for uploaded in permutations(burst):
        assert instead(select_photos(uploaded)) == {
            "blurred": "sharp",
            "blurred-chat": "sharp",
            "sharp-chat": "sharp",
        }


def test_a_copy_does_not_part_a_burst_or_a_second_try() -> None:
    """E4: the dated ones of a group are compared in time, whatever lies between them."""
    chat = a_photo("chat", minutes=None, size=SMALL, bits=CAT)
    first = a_photo("first", minutes=0, bits=CAT)
    for again in (
        a_photo("again", minutes=0.02, bits=a_little_other(CAT, by=15)),
        a_photo("again", minutes=0.9, bits=a_little_other(CAT, by=9)),
    ):
        for uploaded in permutations([chat, first, again]):
            assert kept(select_photos(uploaded)) == ["first"], [
                photo.upload_id for photo in uploaded
            ]


def test_each_is_compared_with_the_one_kept() -> None:
    """E4: 17 and 20 bits from the sharpest of a burst is not the same picture as that one."""
    selection = select_photos(
        [
            a_photo("a", minutes=0, bits=CAT, sharpness=300),
            a_photo("b", minutes=0.02, bits=CAT ^ 0b111, sharpness=300),
            a_photo("c", minutes=0.04, bits=CAT ^ 0x1FFFF << 3, sharpness=900),
        ]
    )
    assert [
        (left.upload_id, left.likeness, left.differing_bits) for left in selection.set_aside
    ] == [
        ("a", Likeness.BURST, 17),
        ("b", Likeness.BURST, 20),
    ]
    assert {left.instead for left in selection.set_aside} == {"c"}


def test_two_moments_of_a_burst_are_no_copies() -> None:
    """E4: on a tripod they look the same, but each has a time of its own."""
    frames = [a_photo(f"frame-{n}", minutes=n / 60, bits=CAT, sharpness=500 + n) for n in range(3)]
    copy = a_photo("copy", minutes=2 / 60, size=SMALL, bits=CAT, sharpness=900)
    selection = select_photos([*frames, copy])
    assert kept(selection) == ["frame-2"]
    assert {left.upload_id: left.likeness for left in selection.set_aside} == {
        "frame-0": Likeness.BURST,
        "frame-1": Likeness.BURST,
        "copy": Likeness.SAME_PICTURE,
    }


def test_a_minute_is_only_spoken_of_where_it_is_known() -> None:
    """E4: a copy without a date of a second try was not "taken within a minute"."""
    selection = select_photos(
        [
            a_photo("first", minutes=0, bits=CAT, sharpness=300),
            a_photo("chat", minutes=None, size=SMALL, bits=CAT, sharpness=300),
            a_photo("again", minutes=0.9, bits=a_little_other(CAT, by=9), sharpness=900),
        ]
    )
    assert {left.upload_id: left.text for left in selection.set_aside} == {
        "first": "almost the same as the one we kept, taken within a minute",
        "chat": "almost the same as the one we kept",
    }


@settings(max_examples=100)
@given(photos=heaps)
def test_what_is_said_of_two_photos_is_true_of_these_two(photos: list[StoryPhoto]) -> None:
    """E4: likeness, bits and seconds are those between a photo and the one kept instead."""
    by_id = {photo.upload_id: photo for photo in photos}
    for left in propose_story(photos, transition=Transition.CUT).set_aside:
        mine, best = by_id[left.upload_id], by_id[left.instead]
        assert left.differing_bits == differing_bits(mine, best)
        if mine.taken_at is not None and best.taken_at is not None:
            assert left.gap_seconds == abs((mine.taken_at - best.taken_at).total_seconds())
        else:
            assert left.gap_seconds is None
        if left.differing_bits <= SAME_PICTURE_BITS:
            moments = left.gap_seconds is not None and 0 < left.gap_seconds <= 3
            assert left.likeness is (Likeness.BURST if moments else Likeness.SAME_PICTURE)
            original = (best.taken_at is not None, best.width * best.height)
            assert (mine.taken_at is not None, mine.width * mine.height) <= original
        if left.likeness is Likeness.SAME_PICTURE:
            assert left.differing_bits <= 2 * SAME_PICTURE_BITS, "both are near the first of them"
        if "within a minute" in left.text:
            assert left.gap_seconds is not None
            assert left.gap_seconds <= 60

"""What the contract says of a body, field by field."""

import base64
import io
import math
import random
from typing import Any

import pytest
from PIL import Image

from dev.simulators.runway.contract import credits_for, load_contract
from dev.simulators.runway.faults import Call, Fault
from dev.simulators.runway.media.images import Photo, frame_size
from dev.simulators.runway.media.rendering import motion_for
from dev.simulators.runway.orders import BodyRefused, read_order, write_script
from dev.simulators.runway.tasks import Ending, Script
from dev.simulators.runway.validation import check_request
from echoes.adapters.runway.prompts import prompt_text
from echoes.domain.clips.clip import Motion

CONTRACT = load_contract()
URI = "https://example.com/photo.jpg"


def gen4(**changes: object) -> dict[str, object]:
    body: dict[str, object] = {
        "model": "gen4_turbo",
        "promptImage": URI,
        "ratio": "1280:720",
        "duration": 5,
    }
    return {key: value for key, value in (body | changes).items() if value is not ...}


def found(body: object) -> list[tuple[str, list[object], str]]:
    issues = [issue.as_json() for issue in check_request(body, CONTRACT)]
    return [(i["code"], i["path"], i["message"]) for i in issues]


def codes(body: object) -> list[str]:
    return [code for code, _, _ in found(body)]


def test_a_minimal_body_of_every_family_is_accepted() -> None:
    """What the documentation shows as minimal passes."""
    for body in (
        gen4(),
        gen4(duration=...),
        gen4(model="gen4.5", promptText="x"),
        gen4(promptImage=[{"uri": URI, "position": "first"}]),
        gen4(seed=4294967295, contentModeration={"publicFigureThreshold": "low"}),
        gen4(model="veo3.1", duration=8, audio=False, negativePrompt="rain"),
        {"model": "kling2.5_turbo_pro", "promptImage": URI, "promptText": "x", "cfgScale": 0.5},
        gen4(model="seedance2_5", duration="auto", promptText="x" * 15_000),
        gen4(model="seedance2", promptImage=[{"uri": URI}, {"uri": URI}]),
        gen4(duration=5.0),
    ):
        assert found(body) == []


def test_every_model_of_the_contract_accepts_its_own_values() -> None:
    """No model's schema contradicts itself: the first allowed value of each required field fits."""
    for name, model in CONTRACT.models.items():
        body: dict[str, Any] = {"model": name, "promptImage": URI, "promptText": "x"}
        properties: Any = model.schema["properties"]
        if "ratio" in properties:
            body["ratio"] = properties["ratio"]["enum"][0]
        if "duration" in properties:
            rule = properties["duration"]
            rule = rule.get("anyOf", [rule])[0]
            body["duration"] = rule["enum"][0] if "enum" in rule else rule["minimum"]
        assert found(body) == [], name


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        (gen4(ratio=...), "invalid_value", ["ratio"]),
        (gen4(promptImage=...), "invalid_union", ["promptImage"]),
        (gen4(model="gen4.5"), "invalid_type", ["promptText"]),
        (gen4(ratio="1080:1920"), "invalid_value", ["ratio"]),
        (gen4(duration=1), "too_small", ["duration"]),
        (gen4(duration=5.5), "invalid_type", ["duration"]),
        (gen4(duration="5"), "invalid_type", ["duration"]),
        (gen4(duration=True), "invalid_type", ["duration"]),
        (gen4(duration=math.inf), "invalid_type", ["duration"]),
        (gen4(seed=4294967296), "too_big", ["seed"]),
        (gen4(seed=None), "invalid_type", ["seed"]),
        (gen4(promptText=7), "invalid_type", ["promptText"]),
        (gen4(contentModeration={"other": 1}), "unrecognized_keys", ["contentModeration"]),
        (gen4(promptImage="https://a"), "too_small", ["promptImage"]),
        (gen4(promptImage="https://" + "a" * 2041), "too_big", ["promptImage"]),
        (gen4(promptImage=[]), "too_small", ["promptImage"]),
        (gen4(promptImage=[{"uri": URI}]), "invalid_value", ["promptImage", 0, "position"]),
        (
            gen4(promptImage=[{"uri": 4, "position": "first"}]),
            "invalid_type",
            ["promptImage", 0, "uri"],
        ),
        (gen4(model="veo3.1", duration=5), "invalid_value", ["duration"]),
        (gen4(model="veo3.1", duration=4, audio="yes"), "invalid_type", ["audio"]),
        (gen4(model="seedance2_5", duration="long"), "invalid_union", ["duration"]),
        (gen4(model="seedance2_5", duration=31), "too_big", ["duration"]),
    ],
)
def test_one_mistake_is_one_issue_at_its_place(
    body: dict[str, Any], code: str, path: list[object]
) -> None:
    """The issue's code and path are Zod's."""
    assert [(seen, where) for seen, where, _ in found(body)] == [(code, path)]


def test_text_is_measured_in_utf16_code_units() -> None:
    """500 emoji are 1000 units and pass, 501 do not; a lone surrogate counts as one."""
    assert codes(gen4(promptText="🌊" * 500)) == []
    assert codes(gen4(promptText="🌊" * 501)) == ["too_big"]
    assert codes(gen4(promptText="\ud83c" * 1000)) == []


def test_unknown_keys_depend_on_the_family() -> None:
    """gen4 overlooks them, third-party models do not."""
    assert codes(gen4(watermark=True)) == []
    assert codes(gen4(model="veo3.1", duration=4, watermark=True)) == ["unrecognized_keys"]


def test_a_missing_model_reads_as_captured_from_the_real_api() -> None:
    """Two issues: the type of `model`, and the union without a discriminator."""
    issues = [issue.as_json() for issue in check_request({}, CONTRACT)]
    assert issues == [
        {
            "expected": "string",
            "code": "invalid_type",
            "path": ["model"],
            "message": "Invalid input: expected string, received undefined",
        },
        {
            "code": "invalid_union",
            "errors": [],
            "note": "No matching discriminator",
            "discriminator": "model",
            "path": ["model"],
            "message": "Invalid input",
        },
    ]
    assert codes(gen4(model="gen3a_turbo")) == ["invalid_union"]
    assert codes([]) == ["invalid_type"]


class NoAssets:
    """A store with nothing in it."""

    def uploaded(self, uri: str) -> None:
        del uri

    def published(self, url: str) -> None:
        del url


def photo_uri() -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def test_first_and_last_frames_keep_their_rules() -> None:
    """A last frame needs a first one, and no position is used twice."""
    uri = photo_uri()

    def veo(*positions: str) -> dict[str, object]:
        frames = [{"uri": uri, "position": position} for position in positions]
        return gen4(model="veo3.1", duration=4, promptImage=frames)

    read_order(veo("first", "last"), contract=CONTRACT, assets=NoAssets())
    for positions in (("last",), ("first", "first")):
        with pytest.raises(BodyRefused) as refused:
            read_order(veo(*positions), contract=CONTRACT, assets=NoAssets())
        assert [issue.path for issue in refused.value.issues] == [("promptImage",)]


def test_an_image_problem_is_listed_beside_the_others() -> None:
    """The photo is opened even when another field is wrong."""
    with pytest.raises(BodyRefused) as refused:
        read_order(
            gen4(ratio="16:9", promptImage="data:image/png;base64,AAAA"),
            contract=CONTRACT,
            assets=NoAssets(),
        )
    assert {issue.path for issue in refused.value.issues} == {("ratio",), ("promptImage",)}


@pytest.mark.parametrize(
    ("model", "seconds", "height", "audio", "output_format", "price"),
    [
        ("gen4_turbo", 5, 720, False, None, 25),
        ("gen4.5", 5, 720, False, "mp4", 60),
        ("gen4.5", 5, 720, False, "prores", 85),
        ("veo3.1_fast", 4, 720, False, None, 40),
        ("veo3.1_fast", 4, 720, True, None, 60),
        ("seedance2_5", 4, 720, False, None, 120),
        ("seedance2_5", 4, 432, False, None, 80),
        ("gen4_turbo", 5, 720, True, None, 25),
    ],
)
def test_prices_follow_the_published_table(
    model: str, seconds: int, height: int, output_format: str | None, price: int, *, audio: bool
) -> None:
    """Credits by second, by audio, by height, by format, and with a minimum."""
    quoted = credits_for(
        CONTRACT.models[model],
        seconds=seconds,
        height=height,
        audio=audio,
        output_format=output_format,
    )
    assert quoted == price


@pytest.mark.parametrize(
    ("ratio", "resolution", "size"),
    [
        ("720:1280", None, (720, 1280)),
        ("16:9", "768p", (1366, 768)),
        ("auto_480p", None, (640, 480)),
        (None, None, (960, 720)),
        ("adaptive", "2k", (960, 720)),
    ],
)
def test_every_ratio_gives_an_even_frame(
    ratio: str | None, resolution: str | None, size: tuple[int, int]
) -> None:
    """Pixel pairs are taken at their word, the rest is laid out around the shorter side."""
    assert frame_size(ratio, resolution, Photo(data=b"", width=800, height=600)) == size


@pytest.mark.parametrize(
    ("prompt", "motion"),
    [
        ("Slow zoom in on her face", "zoom_in"),
        ("the camera pulls back to reveal the valley", "zoom_out"),
        ("Pan slowly to the left", "pan_left"),
        ("panning right along the wall", "pan_right"),
        ("tilt up the tower", "tilt_up"),
        ("crane down to the street", "tilt_down"),
        ("a company picnic in japan", "auto"),
        ("", "auto"),
    ],
)
def test_the_prompt_chooses_the_camera_move(prompt: str, motion: str) -> None:
    """Words that name a move win, otherwise the seed decides."""
    assert motion_for(prompt) == motion


@pytest.mark.parametrize("motion", Motion)
def test_our_own_words_for_a_move_are_understood(motion: Motion) -> None:
    """What people choose is what they see on the local cloud, too."""
    assert motion_for(prompt_text(motion, None)) == motion.value


def test_durations_are_log_normal_around_the_median() -> None:
    """Half of the tasks take less than the median, and the same seed draws the same times."""

    def draw(seed: int) -> list[float]:
        rng = random.Random(seed)
        return [
            write_script((), median_seconds=40, spread=0.35, pace=1, rng=rng).run_seconds
            for _ in range(400)
        ]

    drawn = draw(3)
    assert drawn == draw(3)
    assert 36 < sorted(drawn)[200] < 44
    assert max(drawn) - 40 > 40 - min(drawn)


def test_faults_bend_the_course_of_a_task() -> None:
    """`slow` stretches, `throttled` holds back, `cancelled` and `stuck` change the end."""

    def script(*calls: Call) -> Script:
        return write_script(calls, median_seconds=40, spread=0, pace=2, rng=random.Random(1))

    assert script().run_seconds == 80
    assert script(Call(fault=Fault.SLOW, argument=3)).run_seconds == 240
    assert script(Call(fault=Fault.THROTTLED, argument=30)).held_seconds == 60
    assert script(Call(fault=Fault.CANCELLED)).ending is Ending.CANCEL
    assert script(Call(fault=Fault.STUCK)).ending is Ending.NEVER
    assert script(Call(fault=Fault.SAFETY_INPUT)).run_seconds < 20

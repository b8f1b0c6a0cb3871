"""What the simulator of Runway takes and what it refuses, seen by the official SDK."""

import datetime as dt
import io

import pytest
import requests
import runwayml
from PIL import Image
from runwayml import RunwayML

from dev.simulators.runway import EXAMPLE_API_KEY, RunwaySimulator, data_uri
from tests.support.runway_simulator import (
    FAST,
    PHOTO,
    UNKNOWN_TASK,
    body,
    ended,
    headers,
    issues_of,
    order,
    picture,
)


def test_an_upload_becomes_a_film_and_a_stranger_uri_does_not(sdk: RunwayML) -> None:
    """PR5: the SDK's upload flow ends in a `runway://` URI that image_to_video takes."""
    photo = io.BytesIO()
    Image.effect_noise((640, 640), 30).save(photo, "PNG")
    upload = sdk.uploads.create_ephemeral(file=("photo.png", photo.getvalue(), "image/png"))
    assert ended(sdk, order(sdk, prompt_image=upload.uri)).status == "SUCCEEDED"
    with pytest.raises(runwayml.BadRequestError) as refused:
        order(sdk, prompt_image="runway://nothing-here")
    assert issues_of(refused.value)[0]["path"] == ["promptImage"]
    with pytest.raises(runwayml.APIStatusError) as small:
        sdk.uploads.create_ephemeral(file=("photo.png", b"too small", "image/png"))
    assert "EntityTooSmall" in str(small.value.body)
    generic = sdk.uploads.create_ephemeral(
        file=("photo.png", photo.getvalue(), "application/octet-stream")
    )
    with pytest.raises(runwayml.BadRequestError, match="Unsupported asset type"):
        order(sdk, prompt_image=generic.uri)


def test_urls_are_taken_from_the_simulators_own_files_only(
    sdk: RunwayML, runway: RunwaySimulator
) -> None:
    """PR5: the photo is fetched inside the POST, and a failed fetch is a 400 with an issue."""
    assert ended(sdk, order(sdk, prompt_image=runway.publish(PHOTO))).status == "SUCCEEDED"
    for url, message in (
        ("https://example.com/a.jpg", "Failed to fetch asset"),
        ("https://127.0.0.1/photo.jpg", "URLs must be hosted on a domain."),
        ("http://example.com/a.jpg", "Only HTTPS URLs are allowed."),
    ):
        with pytest.raises(runwayml.BadRequestError) as refused:
            order(sdk, prompt_image=url)
        assert message in issues_of(refused.value)[0]["message"]


def test_all_problems_of_a_body_are_listed_at_once(sdk: RunwayML) -> None:
    """One 400 names every field that is wrong, with Zod's codes and paths."""
    with pytest.raises(runwayml.BadRequestError) as refused:
        order(sdk, ratio="16:9", duration=11, seed=-1, prompt_text="", prompt_image="ftp://x/y")
    found = {tuple(issue["path"]): issue["code"] for issue in issues_of(refused.value)}
    assert found == {
        ("promptImage",): "invalid_format",
        ("promptText",): "too_small",
        ("ratio",): "invalid_value",
        ("duration",): "too_big",
        ("seed",): "too_small",
    }


def test_photos_are_really_opened(sdk: RunwayML) -> None:
    """PR5: ratio 0.5..2, sides under 8000, JPEG, PNG or WebP that decode as what they claim."""
    cases = (
        (data_uri(picture(90, 195)), "at least 0.5. Got 0.462."),
        (data_uri(picture(500, 200)), "at most 2.0. Got 2.500."),
        (data_uri(picture(8000, 4100)), "below 8000 pixels"),
        (data_uri(picture(kind="PNG")), "content type is image/jpeg"),
        (data_uri(PHOTO[: len(PHOTO) // 2]), "could not be decoded"),
        (data_uri(b"no picture at all"), "could not be decoded"),
        (data_uri(picture(kind="GIF"), "image/gif"), "Unsupported asset type"),
        ("data:image/jpeg;base64,&&&&", "Invalid data URI."),
    )
    for uri, message in cases:
        with pytest.raises(runwayml.BadRequestError) as refused:
            order(sdk, prompt_image=uri)
        assert message in issues_of(refused.value)[0]["message"]
    assert order(sdk, prompt_image=data_uri(picture(kind="WEBP"), "image/webp"))


def test_sizes_are_bounded_by_the_api_and_by_its_gateway(sdk: RunwayML) -> None:
    """PR5: a data URI over 5 MiB is `too_big`, a body over the gateway's limit is 413."""
    with pytest.raises(runwayml.BadRequestError) as refused:
        order(sdk, prompt_image="data:image/jpeg;base64," + "A" * 5_242_880)
    assert [issue["code"] for issue in issues_of(refused.value)] == ["too_big"]
    with pytest.raises(runwayml.APIStatusError) as stopped:
        order(sdk, prompt_image="data:image/jpeg;base64," + "A" * 11_000_000)
    assert stopped.value.status_code == 413
    assert stopped.value.body == {"message": "Request Entity Too Large"}


def test_every_reply_carries_a_request_id(runway: RunwaySimulator) -> None:
    """`apigw-requestid` comes with successes and with errors."""
    for path in ("/v1/organization", "/v1/nothing"):
        reply = requests.get(runway.url + path, headers=headers(), timeout=5)
        assert reply.headers["apigw-requestid"]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Authorization": "Bearer key_123"}, 401),
        ({"Authorization": "Bearer key_" + "1" * 128}, 401),
        ({"Authorization": EXAMPLE_API_KEY}, 401),
        ({"X-Runway-Version": "2023-01-01"}, 400),
        ({"X-Runway-Version": ""}, 400),
    ],
)
def test_headers_are_checked_before_anything_else(
    runway: RunwaySimulator, changed: dict[str, str], status: int
) -> None:
    """A wrong key is 401, a wrong version 400, and neither makes a task."""
    reply = requests.post(
        f"{runway.url}/v1/image_to_video", json=body(), headers=headers() | changed, timeout=5
    )
    assert reply.status_code == status
    assert isinstance(reply.json()["error"], str)
    assert not runway.tasks()


def test_paths_and_methods_that_do_not_exist(runway: RunwaySimulator) -> None:
    """404 for an unknown path or task, 405 for a wrong method; the connection stays usable."""
    with requests.Session() as session:
        session.headers.update(headers())
        assert session.get(f"{runway.url}/v1/tasks/{UNKNOWN_TASK}").json() == {
            "error": "Could not find Task"
        }
        assert session.get(f"{runway.url}/v1/image_to_video").status_code == 405
        assert session.get(f"{runway.url}/v2/tasks").status_code == 404
        broken = session.post(
            f"{runway.url}/v1/image_to_video",
            data="{",
            headers={"Content-Type": "application/json"},
        )
        assert broken.status_code == 400


def test_entitlement_quota_and_credits_are_limits_of_their_own(
    sdk: RunwayML, runway: RunwaySimulator
) -> None:
    """403 for a model the key may not use, 429 for the day's quota, 400 for missing credits."""
    runway.change(entitled=frozenset({"gen4_turbo"}), daily_limit=1)
    with pytest.raises(runwayml.PermissionDeniedError, match=r"gen4\.5 is not available"):
        order(sdk, model="gen4.5")
    order(sdk)
    with pytest.raises(runwayml.RateLimitError):
        order(sdk)
    runway.change(daily_limit=None, credits=9)
    with pytest.raises(runwayml.BadRequestError, match="do not have enough credits"):
        order(sdk)
    assert len(runway.tasks()) == 1


def test_the_organization_counts_what_was_really_used(
    sdk: RunwayML, runway: RunwaySimulator
) -> None:
    """Balance, daily generations and usage follow the tasks; a refund lowers the usage."""
    before = sdk.organization.retrieve()
    ended(sdk, order(sdk))
    ended(sdk, order(sdk, model="gen4.5", duration=4))
    ended(sdk, order(sdk, prompt_text="[[fault:internal]]"))
    after = sdk.organization.retrieve()
    assert before.credit_balance - after.credit_balance == 10 + 48
    assert after.usage.models["gen4_turbo"].daily_generations == 2
    assert after.tier.models["gen4_turbo"].max_concurrent_generations == FAST.concurrency
    today = dt.datetime.now(dt.UTC).date()
    day = dt.timedelta(days=1)
    usage = sdk.organization.retrieve_usage(start_date=today - day, before_date=today + 2 * day)
    spent: dict[str, int] = {}
    for result in usage.results:
        for used in result.used_credits:
            spent[used.model] = spent.get(used.model, 0) + used.amount
    assert spent == {"gen4_turbo": 10, "gen4.5": 48}
    with pytest.raises(runwayml.BadRequestError):
        sdk.organization.retrieve_usage(start_date=today, before_date=today + 91 * day)
    assert len(runway.tasks()) == 3


def test_third_party_models_refuse_what_gen4_overlooks(runway: RunwaySimulator) -> None:
    """Unknown keys: ignored by the gen4 family, `unrecognized_keys` for the others."""
    url = f"{runway.url}/v1/image_to_video"
    loose = requests.post(url, json=body(watermark=False), headers=headers(), timeout=5)
    assert loose.status_code == 200
    veo = body(model="veo3.1_fast", duration=4, watermark=False, motion=1)
    strict = requests.post(url, json=veo, headers=headers(), timeout=5)
    assert strict.status_code == 400
    assert strict.json()["issues"] == [
        {
            "code": "unrecognized_keys",
            "keys": ["watermark", "motion"],
            "path": [],
            "message": 'Unrecognized keys: "watermark", "motion"',
        }
    ]

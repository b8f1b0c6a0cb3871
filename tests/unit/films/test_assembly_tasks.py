"""The tasks of a film's workflow, as Step Functions calls them."""

import json
from typing import Any

import pytest

from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import (
    FilmEnded,
    FilmUnsound,
    FootageRefused,
    InvalidRequest,
    Unavailable,
)
from echoes.domain.films.film import Film, FilmStatus, ref
from echoes.domain.projects.project import DELETED_RETENTION, delete
from echoes.tasks.assembly import join, plan, render, settle, stopped
from echoes.tasks.projects import sweep
from tests.support.film_harness import FilmHarness


@pytest.fixture
def harness() -> FilmHarness:
    return FilmHarness()


def payload_of(film: Film) -> dict[str, Any]:
    return {"owner_id": film.owner_id, "film_id": film.film_id, "correlation_id": "c"}


def test_the_tasks_carry_a_film_to_its_end(harness: FilmHarness) -> None:
    """What each returns is what the next one takes; three clips need two joints and two fades."""
    film = harness.ordered()
    event = {"film": payload_of(film)}
    planned = plan({**event, "round": 0}, plan_film=harness.plan)
    assert (planned["state"], planned["round"], planned["total"]) == ("missing", 1, 4)
    for pieces in planned["batches"]:
        made = {**event, "keys": pieces, "total": planned["total"]}
        assert render(made, render_segments=harness.render)["state"] == "rendered"
    again = plan({**event, "round": planned["round"]}, plan_film=harness.plan)
    assert (again["state"], again["round"]) == ("ready", 2)
    assert join(event, join_film=harness.join)["state"] == "joined"
    done = settle({**event, "outcome": "complete"}, settle_film=harness.settle)
    assert done["state"] == "settled"
    assert harness.now(film).status is FilmStatus.COMPLETED


@pytest.mark.parametrize("error", [FootageRefused("broken"), FilmUnsound("wrong_frame_count")])
def test_a_refusal_to_join_is_an_answer(harness: FilmHarness, error: Exception) -> None:
    """The workflow goes on from it to the failure that people see."""
    film = harness.ordered()
    harness.plain.error = error
    event = {"film": payload_of(film)}
    answer = join(event, join_film=harness.join)
    assert (answer["state"], answer["error_code"]) == ("failed", "film_failed")
    settle(
        {**event, "outcome": "fail", "error_code": answer["error_code"]}, settle_film=harness.settle
    )
    assert harness.now(film).error_code is ErrorCode.FILM_FAILED


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (FootageRefused("owners/ann/clips/1 is corrupt", reason="corrupt"), "corrupt"),
        (InvalidRequest("these letters: 夏", field="title_card"), "title_card"),
        (FilmEnded("it was Ann's"), None),
    ],
)
def test_operators_see_why_a_film_was_refused(
    harness: FilmHarness, caplog: pytest.LogCaptureFixture, error: Exception, reason: str | None
) -> None:
    """In a word of ours: nothing that people wrote is logged, and nothing that says whose it is."""
    film = harness.ordered()
    harness.plain.error = error
    join({"film": payload_of(film)}, join_film=harness.join)
    (logged,) = (vars(each) for each in caplog.records if each.message == "step refused")
    assert (logged["step"], logged["error"]) == ("join", type(error).__name__)
    assert logged.get("reason") == reason
    assert str(error) not in str(logged)
    assert film.owner_id not in str(logged)


def test_what_may_be_repeated_is_raised(harness: FilmHarness) -> None:
    """Step Functions repeats it by name; a refusal of a piece ends all of them."""
    film = harness.ordered()
    event = {"film": payload_of(film), "keys": ["joint"], "total": 1}
    for error in (Unavailable("S3"), FootageRefused("broken")):
        harness.plain.error = error
        with pytest.raises(type(error)):
            render(event, render_segments=harness.render)


def test_nobody_works_at_a_cancelled_film(harness: FilmHarness) -> None:
    """Planning answers that it is over; encoding is stopped; the settlement changes nothing."""
    film = harness.ordered()
    harness.cancel(harness.owner, film.film_id)
    event = {"film": payload_of(film)}
    assert plan({**event, "round": 0}, plan_film=harness.plan)["state"] == "failed"
    with pytest.raises(FilmEnded):
        render({**event, "keys": ["joint"], "total": 1}, render_segments=harness.render)
    settle({**event, "outcome": "fail", "error_code": None}, settle_film=harness.settle)
    assert harness.now(film).error_code is ErrorCode.FILM_CANCELLED


def test_what_a_schedule_calls_tells_what_it_did(
    harness: FilmHarness, capsys: pytest.CaptureFixture[str]
) -> None:
    """Numbers of films and projects in one answer; the end of a film is counted once."""
    film = harness.ordered()
    harness.workflow.end(ref(film))
    harness.clock.sleep(600)
    numbers = sweep(sweep_films=harness.sweep_films, sweep_projects=harness.sweep_projects)
    again = sweep(sweep_films=harness.sweep_films, sweep_projects=harness.sweep_projects)
    assert numbers == again | {"films_seen": 1, "films_settled": 1}
    assert not any(again.values())
    assert harness.now(film).error_code is ErrorCode.FILM_FAILED
    written = capsys.readouterr().out
    assert written.count('"FilmFailed":[1.0]') == 1
    assert written.count('"SweepSettled":[1.0]') == 1


def test_projects_are_swept_although_films_cannot_be(
    harness: FilmHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PF5: what was deleted goes; then the function fails, so that somebody is called."""
    project = harness.project(harness.clip())
    harness.clips.projects.save(delete(project, at=harness.clock.now()))
    harness.clock.advance(DELETED_RETENTION)

    def fails(**_: object) -> object:
        raise ValueError("unknown index")

    monkeypatch.setattr(harness.films, "due", fails)
    with pytest.raises(ValueError, match="unknown index"):
        sweep(sweep_films=harness.sweep_films, sweep_projects=harness.sweep_projects)
    assert not harness.clips.projects.due(at=harness.clock.now(), limit=1)


def test_an_unexpected_error_is_told_without_its_words(
    harness: FilmHarness,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What it is, where it was raised, about which film; and it is counted for an alarm."""
    film, words = harness.ordered(), "Ann and Ben, 1987"
    harness.clock.sleep(600)

    def fails(*_: object) -> object:
        raise ValueError(words)

    monkeypatch.setattr(harness.films, "get", fails)
    numbers = sweep(sweep_films=harness.sweep_films, sweep_projects=harness.sweep_projects)

    (told,) = [
        vars(each) for each in caplog.records if "unexpected sweep error" in each.getMessage()
    ]
    assert (told["levelname"], told["about"], told["error"]) == (
        "ERROR",
        film.film_id,
        "ValueError",
    )
    assert "sweep_films.py" in "".join(told["raised_at"])
    assert '"SweepErrors":[1.0]' in capsys.readouterr().out
    assert words not in str([vars(record) for record in caplog.records])
    assert numbers["film_errors"] == 1


def test_a_verified_film_of_a_stopped_execution_is_completed(harness: FilmHarness) -> None:
    """All that its execution did not manage was to say so."""
    film = harness.ordered()
    harness.join(ref(film))
    detail = {"status": "FAILED", "input": json.dumps(payload_of(film))}
    assert stopped({"detail": detail}, settle_film=harness.settle) is True
    assert harness.now(film).status is FilmStatus.COMPLETED


def test_the_film_of_a_stopped_execution_fails(harness: FilmHarness) -> None:
    """Nobody waits for ever; an event that is not about a film of ours is left alone."""
    film = harness.ordered()
    detail = {"status": "ABORTED", "input": json.dumps(payload_of(film))}
    event = {"detail-type": "Step Functions Execution Status Change", "detail": detail}
    running = {**event, "detail": {**detail, "status": "RUNNING"}}
    assert stopped(running, settle_film=harness.settle) is False
    assert stopped(event, settle_film=harness.settle) is True
    assert harness.now(film).error_code is ErrorCode.FILM_FAILED

"""
The main job, from one command: photos to a film with music, on the local cloud.

``python -m dev.demo samples/*.jpg`` does what a person and an operator would do, through the same
doors: sign up, be granted credits, upload, order all clips of a project, wait, assemble, download.
"""

import argparse
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from dev.client import CONTENT_TYPES, EchoesClient, Json, Problem
from dev.cloud.endpoints import Endpoints
from dev.people import sign_up

OUTPUT: Final = Path(".local/demo")
CLIP_SECONDS: Final = 5
GRANTED_CREDITS: Final = 20
RATIO: Final = "16:9"
MUSIC: Final = "first-light"
MOST_PHOTOS: Final = 50
STAGES: Final = {
    "queued": "Queued",
    "submitting": "Handing it over",
    "submit_unknown": "Checking on it",
    "animating": "Animating",
    "fetching": "Bringing it home",
    "finishing": "Adding the finish",
    "done": "Done",
    "cancelled": "Cancelled",
}
FILM_STAGES: Final = {
    "queued": "Queued",
    "planning": "Planning",
    "rendering": "Encoding what is new",
    "joining": "Joining",
    "verifying": "Watching it once",
    "done": "Done",
    "cancelled": "Cancelled",
}

console = Console()


@dataclass(slots=True)
class Row:
    """What became of one photo."""

    photo: Path
    clip: Json
    seconds: float
    stages: list[str]
    file: Path | None = None


def main() -> int:
    """Run the demo; return 0 when every photo became a clip, and the clips a film."""
    parser = argparse.ArgumentParser(description="Turn photos into a film on the local cloud.")
    parser.add_argument("photos", nargs="+", type=Path, help="JPEG, PNG, WebP or HEIC files")
    photos = [photo for photo in parser.parse_args().photos if _usable(photo)]
    photos = photos[:MOST_PHOTOS]
    if not photos:
        console.print("[red]No photo to work on.[/] Try: make demo PHOTOS='path/*.jpg'")
        return 2
    endpoints = Endpoints.load()
    try:
        return _run(endpoints, photos)
    except Problem as problem:
        console.print(f"[red]The API refused:[/] {problem}")
        return 1


def _run(endpoints: Endpoints, photos: list[Path]) -> int:
    person = sign_up(endpoints)
    console.print(f"Signed up and in through Cognito as [bold]{person.email}[/]")
    user = EchoesClient(api_url=endpoints.api_url, token=person.access_token)
    operator = EchoesClient(
        api_url=endpoints.api_url, token=sign_up(endpoints, admin=True).access_token
    )
    operator.post(
        "/admin/v1/credits/adjustments",
        {
            "user_id": person.subject,
            "amount": max(GRANTED_CREDITS, len(photos)),
            "reason": "Credits for the demo",
            "ticket": f"demo-{person.subject}",
        },
    )
    before = user.get("/v1/credits")["balance"]
    console.print(f"An operator granted credits: the balance is [bold]{before}[/]")

    upload_ids = user.upload(photos)
    for photo, upload_id in zip(photos, upload_ids, strict=True):
        upload = user.wait_for_upload(upload_id)
        if upload["state"] != "ready":
            console.print(f"[red]{photo}[/] was refused: {upload['reason']}")
            return 1
    console.print(f"Uploaded {len(photos)} photos straight to the store; all were opened safely")

    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(parents=True)
    project, clips = _order(user, photos, upload_ids)
    rows = _animate(user, photos, clips)
    after = user.get("/v1/credits")["balance"]
    _report(rows, before=before, after=after)
    completed = [row for row in rows if row.clip["status"] == "completed"]
    spent = sum(row.clip["credits"] for row in completed)
    if before - after != spent:
        console.print(f"[red]The books do not close: {before} - {after} is not {spent}[/]")
        return 1
    if len(completed) < len(rows):
        return 1
    made = _assemble(user, project)
    _say_what_next(endpoints)
    return 0 if made else 1


def _order(
    user: EchoesClient, photos: list[Path], upload_ids: list[str]
) -> tuple[Json, list[Json]]:
    """Make a project and order its clips in one call, all of them or none."""
    wish = {"title": "My first film", "ratio": RATIO, "music_track_id": MUSIC}
    project = user.post("/v1/projects", wish)
    ordered = user.post(
        f"/v1/projects/{project['id']}/clips",
        {
            "photos": [
                {
                    "upload_id": upload_id,
                    "motion": "auto",
                    "ratio": RATIO,
                    "duration_seconds": CLIP_SECONDS,
                }
                for upload_id in upload_ids
            ]
        },
    )
    console.print(
        f"Ordered {len(photos)} clips for [bold]{project['title']}[/]:"
        f" {ordered['credits']} credits are held"
    )
    return project, ordered["items"]


def _animate(user: EchoesClient, photos: list[Path], clips: list[Json]) -> list[Row]:
    columns = (
        TextColumn("{task.fields[name]:<16}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with (
        Progress(*columns, console=console) as progress,
        ThreadPoolExecutor(max_workers=len(photos)) as pool,
    ):
        tasks = [progress.add_task("Ordered", total=1.0, name=p.name) for p in photos]
        jobs = [
            pool.submit(_one, user, photo, clip, task, progress)
            for photo, clip, task in zip(photos, clips, tasks, strict=True)
        ]
        return [job.result() for job in jobs]


def _one(user: EchoesClient, photo: Path, clip: Json, task: TaskID, progress: Progress) -> Row:
    began = time.monotonic()
    row = Row(photo=photo, clip=clip, seconds=0, stages=[clip["stage"]])
    for seen in user.follow_clip(clip["id"], every_seconds=1):
        if seen["stage"] != row.stages[-1]:
            row.stages.append(seen["stage"])
        row.clip = seen
        progress.update(
            task, completed=seen["progress"], description=STAGES.get(seen["stage"], seen["stage"])
        )
    row.seconds = time.monotonic() - began
    if row.clip["status"] == "completed":
        row.file = OUTPUT / f"{photo.stem}.mp4"
        user.download_clip(clip["id"], row.file)
    return row


def _assemble(user: EchoesClient, project: Json) -> bool:
    """Order the film, follow it, fetch it; answer whether there is one."""
    began = time.monotonic()
    film = user.post(f"/v1/projects/{project['id']}/films")
    with console.status("Assembling the film") as status:
        for seen in user.follow_film(film["id"], every_seconds=0.5):
            film = seen
            stage = FILM_STAGES.get(film["stage"], film["stage"])
            status.update(f"The film: {stage} ({film['progress']:.0%})")
    if film["status"] != "completed":
        console.print(f"[red]There is no film:[/] {film['error']['title']}")
        return False
    seconds = time.monotonic() - began
    file = OUTPUT / "film.mp4"
    user.download_film(film["id"], file)
    length, took = film["duration_seconds"], film["assembly_seconds"]
    console.print(
        f"\n[bold green]{file}[/]: {length:.1f} s, {film['width']}x{film['height']},"
        f" {film['bytes'] / 1e6:.1f} MB, with the music “{film['music_track_id']}”\n"
        f"Assembly took [bold]{took:.2f} s[/] for a film of [bold]{length:.1f} s[/]:"
        f" {length / took:.0f} times faster than watching it"
        f" ({seconds:.1f} s from the order to the verified film)"
    )
    return True


def _report(rows: list[Row], *, before: int, after: int) -> None:
    table = Table(title="From photo to clip")
    for heading in ("Photo", "Clip", "Seconds", "Stages", "Credits", "File"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        error = row.clip.get("error") or {}
        table.add_row(
            row.photo.name,
            row.clip["id"],
            f"{row.seconds:.1f}",
            " → ".join(row.stages),
            str(row.clip["credits"] if row.clip["status"] == "completed" else 0),
            str(row.file or error.get("title", "-")),
        )
    console.print(table)
    console.print(f"Credits before [bold]{before}[/], after [bold]{after}[/]")


def _say_what_next(endpoints: Endpoints) -> None:
    console.print(
        "\nNext:\n"
        f"  play            {OUTPUT}/film.mp4, and the clips beside it\n"
        "  your photos     make demo PHOTOS='path/*.jpg'\n"
        f"  ask the API     curl {endpoints.api_url}/v1/config\n"
        "  stop            make down"
    )


def _usable(photo: Path) -> bool:
    if photo.suffix.lower() in CONTENT_TYPES and photo.is_file():
        return True
    console.print(f"[yellow]Skipping {photo}[/]: not a JPEG, PNG, WebP or HEIC file")
    return False


if __name__ == "__main__":
    sys.exit(main())

"""
The main use case, from one command: photos to a film with music, on the local cloud.

``python -m dev.demo samples/*.jpg`` does what a person and an operator would do, through the same
doors: sign up, be granted credits, upload, ask what story the photos tell, order its clips, wait,
assemble, download. The clips are numbered as in the film, such as ``01-cat.mp4``. Beside them and
``film.mp4`` lies ``story.json``: the plan as it was answered (``plan``), which photo each upload is
(``photos``), and which clip it became (``clips``).
"""

import argparse
import json
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from dev.client import CONTENT_TYPES, EchoesClient, Json, Problem, shots_of
from dev.cloud.endpoints import Endpoints
from dev.people import sign_up

OUTPUT: Final = Path(".local/demo")
FILM: Final = "film.mp4"
STORY: Final = "story.json"
GRANTED_CREDITS: Final = 20
MUSIC: Final = "open-windows"
MOST_PHOTOS: Final = 50
TOO_MANY: Final = f"a film has at most {MOST_PHOTOS} photos"
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
    parser.add_argument(
        "--output", type=Path, default=OUTPUT, help=f"where the film goes (default: {OUTPUT})"
    )
    arguments = parser.parse_args()
    photos = _as_many_as_fit([photo for photo in arguments.photos if _usable(photo)])
    if not photos:
        console.print("[red]No photo to work on.[/] Try: make demo PHOTOS='path/*.jpg'")
        return 2
    endpoints = Endpoints.load()
    try:
        return _run(endpoints, photos, arguments.output)
    except Problem as problem:
        console.print(f"[red]The API refused:[/] {problem}")
        return 1


def _run(endpoints: Endpoints, photos: list[Path], output: Path) -> int:
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

    _clear(output)
    photo_of = dict(zip(upload_ids, photos, strict=True))
    plan = user.post("/v1/stories", {"upload_ids": upload_ids, "music_track_id": MUSIC})
    _print_plan(plan, photo_of)
    clip_of = _clip_names(
        [(shot["upload_id"], photo_of[shot["upload_id"]]) for shot in shots_of(plan)]
    )
    names = {upload_id: photo.name for upload_id, photo in photo_of.items()}
    written = {"plan": plan, "photos": names, "clips": clip_of}
    story = json.dumps(written, indent=2, ensure_ascii=False)
    (output / STORY).write_text(f"{story}\n", encoding="utf-8")

    project, ordered = user.order_story(plan, title="My first film")
    clips = ordered["items"]
    console.print(
        f"Ordered {len(clips)} clips for [bold]{project['title']}[/]:"
        f" {ordered['credits']} credits are held"
    )
    files = [output / clip_of[clip["upload_id"]] for clip in clips]
    rows = _animate(user, [photo_of[clip["upload_id"]] for clip in clips], clips, files)
    after = user.get("/v1/credits")["balance"]
    _report(rows, before=before, after=after)
    completed = [row for row in rows if row.clip["status"] == "completed"]
    spent = sum(row.clip["credits"] for row in completed)
    if before - after != spent:
        console.print(f"[red]The books do not close: {before} - {after} is not {spent}[/]")
        return 1
    if len(completed) < len(rows):
        return 1
    made = _assemble(user, project, output / FILM)
    _say_what_next(endpoints, output)
    return 0 if made else 1


def _clear(output: Path) -> None:
    """Make room for a new film; nothing else in the directory is touched."""
    if output == OUTPUT:
        shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True, exist_ok=True)
    for name in (FILM, STORY):
        (output / name).unlink(missing_ok=True)


def _print_plan(plan: Json, photo_of: dict[str, Path]) -> None:
    """Show the plan: what comes when, how it moves, why; and what was set aside."""
    table = Table(title="The story your photos tell")
    for heading in ("", "Photo", "Camera", "Seconds", "From beat", "Credits", "Why"):
        table.add_column(heading, overflow="fold")
    card, beat_frames = plan["title_card"], plan["beat_frames"]
    ahead = card["frames"] // beat_frames if card else 0
    for number, shot in enumerate(shots_of(plan), start=1):
        table.add_row(
            str(number),
            photo_of[shot["upload_id"]].name,
            shot["motion"].replace("_", " "),
            str(shot["duration_seconds"]),
            str(ahead + shot["beat"]),
            str(shot["credits"]),
            "; ".join(reason["text"] for reason in shot["reasons"]),
        )
    console.print(table)
    for left in plan["set_aside"]:
        photo, instead = photo_of[left["upload_id"]].name, photo_of[left["instead"]].name
        console.print(f"Set aside, and not ordered: [bold]{photo}[/] ({left['text']}: {instead})")
    for reason in plan["reasons"]:
        console.print(f"On the whole ({plan['ratio']}): {reason['text']}")
    if card is not None:
        console.print(f"It opens with the title “{card['text']}”, for {ahead} beats")
    seconds = plan["duration_seconds"] + (card["frames"] / plan["frames_per_second"] if card else 0)
    console.print(
        f"{seconds:g} s with the music “{plan['music_track_id']}”, every cut on"
        f" the beat, for [bold]{plan['credits']} credits[/]; nothing is spent yet"
    )


def _animate(
    user: EchoesClient, photos: list[Path], clips: list[Json], files: list[Path]
) -> list[Row]:
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
            pool.submit(
                _one,
                user,
                Row(photo=photo, clip=clip, seconds=0, stages=[clip["stage"]]),
                file,
                task,
                progress,
            )
            for photo, clip, file, task in zip(photos, clips, files, tasks, strict=True)
        ]
        return [job.result() for job in jobs]


def _one(user: EchoesClient, row: Row, file: Path, task: TaskID, progress: Progress) -> Row:
    began, clip = time.monotonic(), row.clip
    for seen in user.follow_clip(clip["id"], every_seconds=1):
        if seen["stage"] != row.stages[-1]:
            row.stages.append(seen["stage"])
        row.clip = seen
        progress.update(
            task, completed=seen["progress"], description=STAGES.get(seen["stage"], seen["stage"])
        )
    row.seconds = time.monotonic() - began
    if row.clip["status"] == "completed":
        row.file = file
        user.download_clip(clip["id"], file)
    return row


def _assemble(user: EchoesClient, project: Json, file: Path) -> bool:
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


def _say_what_next(endpoints: Endpoints, output: Path) -> None:
    console.print(
        "\nNext:\n"
        f"  play            {output / FILM}, and the clips beside it\n"
        f"  read            {output / STORY}, the plan with its reasons\n"
        "  your photos     make demo PHOTOS='path/*.jpg'\n"
        f"  ask the API     curl {endpoints.api_url}/v1/config\n"
        "  stop            make down"
    )


def _clip_names(shots: list[tuple[str, Path]]) -> dict[str, str]:
    """Return a file name for each upload's clip: numbered, because photos may have one name."""
    return {
        upload_id: f"{number:02d}-{photo.stem}.mp4"
        for number, (upload_id, photo) in enumerate(shots, start=1)
    }


def _as_many_as_fit(photos: list[Path]) -> list[Path]:
    """Return the first photos, and name those that are too many for one film."""
    for photo in photos[MOST_PHOTOS:]:
        console.print(f"[yellow]Leaving out {escape(str(photo))}[/]: {TOO_MANY}")
    return photos[:MOST_PHOTOS]


def _usable(photo: Path) -> bool:
    if photo.suffix.lower() in CONTENT_TYPES and photo.is_file():
        return True
    console.print(f"[yellow]Skipping {photo}[/]: not a JPEG, PNG, WebP or HEIC file")
    return False


if __name__ == "__main__":
    sys.exit(main())

"""What `make up`, `make down` and their siblings do. Every command may be repeated."""

import fcntl
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from dev.cloud.assembly import synthesise
from dev.cloud.deploy import Deployer
from dev.cloud.endpoints import Endpoints, endpoints_of
from dev.cloud.instance import REGION, Place
from dev.cloud.processes import ProcessId, wait_for
from dev.cloud.progress import Progress
from dev.cloud.seed import bring_music, introduce, seed
from dev.cloud.services import Service, services_of
from dev.cloud.supervisor import LONGEST_STOP_SECONDS, read_record

# ministack answers in 1 s, with hundreds of megabytes of state in 5 s; two loaded cores need more.
LONGEST_START_SECONDS = 60.0
# What a log shows of itself when something went wrong.
LAST_LINES = 20


class CloudFailed(Exception):
    """The cloud could not be brought up or down; the message says why and where to look."""


def up(place: Place) -> Endpoints:
    """Start what is not running, bring the stacks up to date, write the endpoints."""
    progress = Progress()
    with _alone(place):
        if running(place):
            print(f"The local cloud is already running on {place.aws_endpoint_url}.")
            if _specification(place, services_of(place)) != _specification_file(place).read_text():
                print("Its settings or simulators have changed since: `make down up` applies them.")
        else:
            with progress.step("end what a crash left"):
                _end_leftovers(place)
            _start(place, progress)
        with progress.step("synthesise the stacks") as notes:
            notes.append("changed" if synthesise(place) else "unchanged")
        with progress.step("deploy") as notes:
            deployer = Deployer(endpoint=place.aws_endpoint_url, region=REGION, report=notes.append)
            done = deployer.deploy(place.assembly)
        outputs = {name: stack.outputs for name, stack in done.items()}
        with progress.step("seed") as notes:
            notes.append(f"{seed(place)} secrets set")
            bucket = outputs.get("echoes-local-data", {}).get("ClipsBucket")
            notes.append(f"{bring_music(place, bucket) if bucket else 0} tracks sent")
        found = endpoints_of(place, outputs)
        with progress.step("introduce Stripe") as notes:
            notes.append("done" if introduce(place, found.api_url) else "nobody to introduce")
        found.save(place.endpoints)
    _say_what_next(place, found, progress.total_seconds())
    return found


def down(place: Place) -> None:
    """Stop everything, its state saved; nothing happens when nothing runs."""
    progress = Progress()
    with _alone(place):
        if not running(place):
            _end_leftovers(place)
            print("The local cloud is not running.")
            return
        place.endpoints.unlink(missing_ok=True)
        with progress.step("save and stop"):
            _stop(place)
    print(f"Data is kept in {place.cloud}; `make up` brings it back.")


def reset(place: Place) -> None:
    """Stop everything and forget all data; the next `up` starts from nothing."""
    with _alone(place):
        if running(place):
            _stop(place)
        _end_leftovers(place)
        for kept in place.cloud.glob("*"):
            if kept.name not in {"lock", "layers", "cdk.out"}:
                shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
        place.endpoints.unlink(missing_ok=True)
    print("All local data is gone.")


def status(place: Place) -> bool:
    """Print what runs and whether it answers; return whether all of it does."""
    record = read_record(place.supervisor)
    if record is None or not record[0].alive():
        print("The local cloud is not running.")
        return False
    services = services_of(place)
    for service in services:
        process = record[1].get(service.name)
        alive = process is not None and process.alive()
        answers = "answers" if service.healthy() else "DOES NOT ANSWER"
        pid = process.pid if process else "-"
        state = answers if alive else "DEAD"
        print(f"  {service.name:<10} 127.0.0.1:{service.port}  pid {pid}  {state}")
    return all(service.healthy() for service in services)


def logs(place: Place) -> None:
    """Follow every service's log until interrupted."""
    files = sorted(str(file) for file in place.logs.glob("*.log"))
    if not files:
        print("There are no logs yet.")
        return
    with suppress(KeyboardInterrupt):
        subprocess.run(["/usr/bin/env", "tail", "-n", str(LAST_LINES), "-F", *files], check=False)


def running(place: Place) -> bool:
    """Tell whether the recorded supervisor lives, whoever has its pid now."""
    record = read_record(place.supervisor)
    return record is not None and record[0].alive()


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Let one command at a time work on a place; another waits for it."""
    place.cloud.mkdir(parents=True, exist_ok=True)
    with (place.cloud / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(place: Place, progress: Progress) -> None:
    services = services_of(place)
    for service in services:
        if _port_taken(service):
            raise CloudFailed(
                f"port {service.port} ({service.name}) is in use by another program. "
                "Choose another base port: ECHOES_PORT=5566 make up"
            )
    with progress.step("start " + ", ".join(service.name for service in services)):
        _start_supervisor(place, services)
        for service in services:
            ready = wait_for(
                lambda service=service: service.healthy() or not running(place),  # type: ignore[misc]
                LONGEST_START_SECONDS,
            )
            if not ready or not service.healthy():
                _stop(place)
                raise CloudFailed(f"{service.name} does not answer.\n{_last_lines(place, service)}")


def _start_supervisor(place: Place, services: tuple[Service, ...]) -> None:
    for directory in (place.logs, place.cloud / "tmp", place.cloud / "state"):
        directory.mkdir(parents=True, exist_ok=True)
    place.supervisor.unlink(missing_ok=True)
    for old in place.logs.glob("*.log"):
        old.unlink()
    specification = _specification_file(place)
    specification.write_text(_specification(place, services))
    with (place.logs / "supervisor.log").open("wb") as log:
        subprocess.Popen(
            [sys.executable, "-m", "dev.cloud.supervisor", str(specification)],
            cwd=place.project,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    if not wait_for(place.supervisor.exists, LONGEST_START_SECONDS):
        raise CloudFailed((place.logs / "supervisor.log").read_text())


def _specification_file(place: Place) -> Path:
    return place.cloud / "services.json"


def _specification(place: Place, services: tuple[Service, ...]) -> str:
    specification = {
        "record": str(place.supervisor),
        "logs": str(place.logs),
        "project": str(place.project),
        "services": [asdict(service) for service in services],
    }
    return json.dumps(specification, indent=2)


def _stop(place: Place) -> None:
    record = read_record(place.supervisor)
    if record is None:
        return
    supervisor, _ = record
    supervisor.signal(signal.SIGTERM)
    if not supervisor.wait_until_gone(LONGEST_STOP_SECONDS + 10):
        raise CloudFailed(f"the supervisor (pid {supervisor.pid}) does not stop")


def _end_leftovers(place: Place) -> None:
    """End services whose supervisor is gone; a pid that another program has now is left alone."""
    record = read_record(place.supervisor)
    if record is None:
        return
    _, services = record
    left: list[ProcessId] = [process for process in services.values() if process.alive()]
    for process in left:
        process.signal(signal.SIGTERM)
    for process in left:
        if not process.wait_until_gone(LONGEST_STOP_SECONDS):
            process.signal_group(signal.SIGKILL)
    place.supervisor.unlink(missing_ok=True)


def _port_taken(service: Service) -> bool:
    return Service(name=service.name, command=(), environment={}, port=service.port).healthy()


def _last_lines(place: Place, service: Service) -> str:
    log = Path(place.logs / f"{service.name}.log")
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join([*lines[-LAST_LINES:], f"(from {log})"])


def _say_what_next(place: Place, found: Endpoints, seconds: float) -> None:
    port = f"ECHOES_PORT={place.port} " if place.home != place.local else ""
    print(
        f"Up in {seconds:.1f} s.\n"
        f"  API         {found.api_url or '(no stack puts out ApiUrl)'}\n"
        f"  AWS         {found.aws_endpoint_url}   (AWS_ACCESS_KEY_ID=test, any region: {REGION})\n"
        f"  endpoints   {place.endpoints}\n"
        f"Next: {port}make demo · {port}make test · {port}make down"
    )

"""What `make up`, `make down` and the other targets do. Every command may be repeated."""

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
from dev.cloud.instance import REGION, Instance
from dev.cloud.processes import ProcessId, wait_for
from dev.cloud.progress import Progress
from dev.cloud.seed import register_webhook, seed, upload_music
from dev.cloud.services import Service, services_of
from dev.cloud.supervisor import LONGEST_STOP_SECONDS, read_record

# ministack answers in 1 s, with hundreds of megabytes of state in 5 s; two loaded cores need more.
LONGEST_START_SECONDS = 60.0
# What a log shows of itself when something went wrong.
LAST_LINES = 20


class CloudFailed(Exception):
    """The cloud could not be brought up or down; the message says why and where to look."""


def up(instance: Instance) -> Endpoints:
    """Start what is not running, bring the stacks up to date, write the endpoints."""
    progress = Progress()
    with _alone(instance):
        if running(instance):
            print(f"The local cloud is already running on {instance.aws_endpoint_url}.")
            if (
                _specification(instance, services_of(instance))
                != _specification_file(instance).read_text()
            ):
                print("Its settings or simulators have changed since: `make down up` applies them.")
        else:
            with progress.step("end what a crash left"):
                _end_leftovers(instance)
            _start(instance, progress)
        with progress.step("synthesise the stacks") as notes:
            notes.append("changed" if synthesise(instance) else "unchanged")
        with progress.step("deploy") as notes:
            deployer = Deployer(
                endpoint=instance.aws_endpoint_url, region=REGION, report=notes.append
            )
            done = deployer.deploy(instance.assembly)
        outputs = {name: stack.outputs for name, stack in done.items()}
        with progress.step("seed") as notes:
            notes.append(f"{seed(instance)} secrets set")
            bucket = outputs.get("echoes-local-data", {}).get("ClipsBucket")
            notes.append(f"{upload_music(instance, bucket) if bucket else 0} tracks sent")
        found = endpoints_of(instance, outputs)
        with progress.step("register the webhook") as notes:
            notes.append("done" if register_webhook(instance, found.api_url) else "no simulator")
        found.save(instance.endpoints)
    _say_what_next(instance, found, progress.total_seconds())
    return found


def down(instance: Instance) -> None:
    """Stop everything, its state saved; nothing happens when nothing runs."""
    progress = Progress()
    with _alone(instance):
        if not running(instance):
            _end_leftovers(instance)
            print("The local cloud is not running.")
            return
        instance.endpoints.unlink(missing_ok=True)
        with progress.step("save and stop"):
            _stop(instance)
    print(f"Data is kept in {instance.cloud}; `make up` brings it back.")


def reset(instance: Instance) -> None:
    """Stop everything and forget all data; the next `up` starts from nothing."""
    with _alone(instance):
        if running(instance):
            _stop(instance)
        _end_leftovers(instance)
        for kept in instance.cloud.glob("*"):
            if kept.name not in {"lock", "layers", "cdk.out"}:
                shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
        instance.endpoints.unlink(missing_ok=True)
    print("All local data is gone.")


def status(instance: Instance) -> bool:
    """Print what runs and whether it answers; return whether all of it does."""
    record = read_record(instance.supervisor)
    if record is None or not record[0].alive():
        print("The local cloud is not running.")
        return False
    services = services_of(instance)
    for service in services:
        process = record[1].get(service.name)
        alive = process is not None and process.alive()
        answers = "answers" if service.healthy() else "DOES NOT ANSWER"
        pid = process.pid if process else "-"
        state = answers if alive else "DEAD"
        print(f"  {service.name:<10} 127.0.0.1:{service.port}  pid {pid}  {state}")
    return all(service.healthy() for service in services)


def logs(instance: Instance) -> None:
    """Follow every service's log until interrupted."""
    files = sorted(str(file) for file in instance.logs.glob("*.log"))
    if not files:
        print("There are no logs yet.")
        return
    with suppress(KeyboardInterrupt):
        subprocess.run(["/usr/bin/env", "tail", "-n", str(LAST_LINES), "-F", *files], check=False)


def running(instance: Instance) -> bool:
    """Tell whether the recorded supervisor lives, even if its pid was given to another process."""
    record = read_record(instance.supervisor)
    return record is not None and record[0].alive()


@contextmanager
def _alone(instance: Instance) -> Iterator[None]:
    """Let one command at a time work on an instance; another waits for it."""
    instance.cloud.mkdir(parents=True, exist_ok=True)
    with (instance.cloud / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(instance: Instance, progress: Progress) -> None:
    services = services_of(instance)
    for service in services:
        if _port_taken(service):
            raise CloudFailed(
                f"port {service.port} ({service.name}) is in use by another program. "
                "Choose another base port: ECHOES_PORT=5566 make up"
            )
    with progress.step("start " + ", ".join(service.name for service in services)):
        _start_supervisor(instance, services)
        for service in services:
            ready = wait_for(
                lambda service=service: service.healthy() or not running(instance),  # type: ignore[misc]
                LONGEST_START_SECONDS,
            )
            if not ready or not service.healthy():
                _stop(instance)
                raise CloudFailed(
                    f"{service.name} does not answer.\n{_last_lines(instance, service)}"
                )


def _start_supervisor(instance: Instance, services: tuple[Service, ...]) -> None:
    for directory in (instance.logs, instance.cloud / "tmp", instance.cloud / "state"):
        directory.mkdir(parents=True, exist_ok=True)
    instance.supervisor.unlink(missing_ok=True)
    for old in instance.logs.glob("*.log"):
        old.unlink()
    specification = _specification_file(instance)
    specification.write_text(_specification(instance, services))
    with (instance.logs / "supervisor.log").open("wb") as log:
        subprocess.Popen(
            [sys.executable, "-m", "dev.cloud.supervisor", str(specification)],
            cwd=instance.project,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    if not wait_for(instance.supervisor.exists, LONGEST_START_SECONDS):
        raise CloudFailed((instance.logs / "supervisor.log").read_text())


def _specification_file(instance: Instance) -> Path:
    return instance.cloud / "services.json"


def _specification(instance: Instance, services: tuple[Service, ...]) -> str:
    specification = {
        "record": str(instance.supervisor),
        "logs": str(instance.logs),
        "project": str(instance.project),
        "services": [asdict(service) for service in services],
    }
    return json.dumps(specification, indent=2)


def _stop(instance: Instance) -> None:
    record = read_record(instance.supervisor)
    if record is None:
        return
    supervisor, _ = record
    supervisor.signal(signal.SIGTERM)
    if not supervisor.wait_until_gone(LONGEST_STOP_SECONDS + 10):
        raise CloudFailed(f"the supervisor (pid {supervisor.pid}) does not stop")


def _end_leftovers(instance: Instance) -> None:
    """End services whose supervisor is gone; a pid that another program has now is left alone."""
    record = read_record(instance.supervisor)
    if record is None:
        return
    _, services = record
    left: list[ProcessId] = [process for process in services.values() if process.alive()]
    for process in left:
        process.signal(signal.SIGTERM)
    for process in left:
        if not process.wait_until_gone(LONGEST_STOP_SECONDS):
            process.signal_group(signal.SIGKILL)
    instance.supervisor.unlink(missing_ok=True)


def _port_taken(service: Service) -> bool:
    return Service(name=service.name, command=(), environment={}, port=service.port).healthy()


def _last_lines(instance: Instance, service: Service) -> str:
    log = Path(instance.logs / f"{service.name}.log")
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join([*lines[-LAST_LINES:], f"(from {log})"])


def _say_what_next(instance: Instance, found: Endpoints, seconds: float) -> None:
    port = f"ECHOES_PORT={instance.port} " if instance.home != instance.local else ""
    print(
        f"Up in {seconds:.1f} s.\n"
        f"  API         {found.api_url or '(no stack puts out ApiUrl)'}\n"
        f"  AWS         {found.aws_endpoint_url}   (AWS_ACCESS_KEY_ID=test, any region: {REGION})\n"
        f"  endpoints   {instance.endpoints}\n"
        f"Next: {port}make demo · {port}make test · {port}make down"
    )

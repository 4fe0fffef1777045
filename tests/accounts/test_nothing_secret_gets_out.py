"""A host full of secrets, looked at from every address as somebody who may not read them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.test import Client
from django.urls import resolve
from docker import APIClient

from backups.models import Schedule
from backups.networks.capture import back_up_network
from backups.options import BackupOptions
from backups.sets.services import request_stack_backup
from backups.volumes.capture import request_volume_backup
from containermonkey.asgi import application
from jobs.models import Job, Status
from jobs.worker import run_next
from stacks.models import Deployment
from tests import addresses, images
from tests.arrange import ContainerMaker
from tests.sockets import Socket

MARK = "s3cr3t"
"""In everything that is to be hidden, and in nothing else."""

LABELS = {
    "api.token": f"{MARK}-label",
    "database": f"postgres://me:{MARK}-url@db/x",
    "tier": "front",
    "com.docker.compose.project": "vault",
    "com.docker.compose.service": "safe",
}


@dataclass(frozen=True)
class House:
    """What there is, by the beginnings of the addresses at which it is found."""

    named: dict[str, list[str]]
    job: Job

    @property
    def container(self) -> str:
        return self.named["containers"][0]


@pytest.fixture
def house(
    docker: APIClient, make_container: ContainerMaker, data_dir: Path, transactional_db: None
) -> House:
    """A stack, its container, image, volumes and network, backups of all, a job, a schedule."""
    image = images.build(
        docker,
        "marked:1",
        [
            f"ENV DEFAULT={MARK}-default",
            f"LABEL build.password={MARK}-image-label",
            f'CMD ["/bin/idle", "--token", "{MARK}-image-command"]',
        ],
    )
    docker.create_volume("vault-data", labels=LABELS)
    options = {"type": "nfs", "device": ":/x", "o": f"addr=127.0.0.1,password={MARK}-option"}
    docker.create_volume("share", driver_opts=options)
    network = docker.create_network("vault-net", labels=LABELS, options={"x.secret": f"{MARK}-o"})
    make_container(
        "safe",
        image="marked:1",
        command=["/bin/idle", f"--password={MARK}-command", "--api-key", f"{MARK}-argument"],
        environment={"ANYTHING": f"{MARK}-value"},
        labels=LABELS,
        healthcheck={"test": ["CMD-SHELL", f"PASSWORD={MARK}-check true"], "interval": 10**9},
        host={"binds": ["vault-data:/data"]},
        networking={"vault-net": docker.create_endpoint_config()},
    )
    of_stack = done(request_stack_backup("vault", BackupOptions()))
    of_volume = done(request_volume_backup("vault-data", BackupOptions()))
    of_network = back_up_network("vault-net")
    schedule = Schedule.objects.create(
        name="nightly",
        expression="0 0 * * *",
        time_zone="UTC",
        covers=Schedule.Covers.ONLY,
        labels=[f"api.token={MARK}-label"],
    )
    job = Job.objects.create(
        kind="backup", subject="safe", status=Status.COMPLETE, log=f"It said {MARK}-log\n"
    )
    deployment = Deployment(stack="vault", version=1, compose=f"# {MARK}-compose\nservices: {{}}\n")
    deployment.variables = {"A": f"{MARK}-variable"}
    deployment.save()
    filenames = [*of_stack.result["filenames"], of_volume.result["filename"], of_network.filename]
    jobs = [str(each.progress_id) for each in (of_stack, of_volume, job)]
    named = {
        "containers": ["safe"],
        "volumes": ["vault-data", "share"],
        "networks": [network["Id"]],
        "images": ["marked:1", image],
        "stacks": ["vault"],
        "backups": filenames,
        "jobs": jobs,
        "schedules": [str(schedule.pk)],
        "sets": [of_stack.result["set_id"]],
    }
    return House(named, job)


def done(job: Job) -> Job:
    assert run_next()
    job.refresh_from_db()
    assert job.status == Status.COMPLETE, f"{job.error}\n{job.log}"
    return job


KINDS = (
    ("/backups/schedules/", "schedules"),
    ("/api/schedule/", "schedules"),
    ("/backups/sets/", "sets"),
    ("/backups/networks/", "networks"),
    ("/backups/create/", "containers"),
    ("/api/backup-progress/", "jobs"),
    ("/api/backup/", "backups"),
    ("/api/download/", "backups"),
    ("/console/", "containers"),
    *((f"/{kind}/", kind) for kind in ("backups", "containers", "volumes", "networks", "images")),
    *((f"/{kind}/", kind) for kind in ("stacks", "jobs")),
    *(
        (f"/api/{kind}/", f"{kind}s")
        for kind in ("container", "volume", "network", "image", "stack")
    ),
)
"""What the variable part of an address names, by how the address begins."""

QUERIES = {
    "environment/": ["?show=all"],
    "inspect/": ["?values=shown", "?values=shown&download", "?download"],
    "images/": ["?values=shown"],
    "preview": ["?path=/"],
    "/search": ["?search=front", "?search=vault"],
}
"""What else is asked at addresses that have this in them."""


def filled(house: House) -> Iterator[str]:
    """Every address of the program with what there is in the place of its variable part."""
    for address in addresses.addresses():
        match = resolve(address.path)
        if address.path.startswith("/admin/"):
            continue
        given = [str(value) for value in match.kwargs.values() if str(value) in addresses.SAMPLES]
        kind = next((kind for begins, kind in KINDS if address.path.startswith(begins)), "")
        if not given or not kind:
            yield address.path
            continue
        for name in house.named[kind]:
            yield address.path.replace(f"/{given[0]}", f"/{name}", 1)


def text_of(answer: Any) -> str:
    if not answer.streaming:
        return answer.content.decode(errors="replace")
    blocks = async_to_sync(gathered)(answer) if answer.is_async else answer.streaming_content
    return b"".join(blocks).decode(errors="replace")


async def gathered(answer: Any) -> list[bytes]:
    return [block async for block in answer.streaming_content]


def test_a_viewer_is_told_no_secret_anywhere(house: House, viewer_client: Client):
    seen = []
    for path in filled(house):
        more = [query for part, queries in QUERIES.items() if part in path for query in queries]
        for query in ["", *more]:
            answer = viewer_client.get(f"{path}{query}")
            text = text_of(answer)
            assert MARK not in text, f"{path}{query}: {around(text)}"
            if answer.status_code != 200:
                continue
            seen.append(path)
            if not path.startswith("/api/"):
                part = text_of(viewer_client.get(f"{path}{query}", headers={"HX-Request": "true"}))
                assert MARK not in part, f"{path}{query}, a fragment: {around(part)}"
    assert len(set(seen)) > 60
    for path in ("/containers/safe/inspect/", "/containers/safe/environment/", "/images/marked:1/"):
        assert path in seen


def around(text: str) -> str:
    at = text.index(MARK)
    return text[max(0, at - 200) : at + 100]


@pytest.mark.parametrize("kind", ["containers", "volumes", "networks", "images"])
def test_a_viewer_finds_nothing_by_a_secret(
    kind: str, house: House, viewer_client: Client, operator_client: Client
):
    address = f"/api/{kind}"
    found = {"search": f"{MARK}-"}
    assert operator_client.get(address, found).json()[kind]
    assert not viewer_client.get(address, found).json()[kind]
    assert viewer_client.get(address, {"search": "front" if kind != "images" else "marked"}).json()


def test_searching_everywhere_keeps_the_two_apart(
    house: House, viewer_client: Client, operator_client: Client
):
    for client, finds in ((operator_client, True), (viewer_client, False), (operator_client, True)):
        found = client.get("/api/search", {"search": f"{MARK}-label"}).json()
        assert (found["total"] > 0) == finds, found


def test_a_viewer_finds_no_event_by_a_secret(
    house: House, viewer_client: Client, operator_client: Client
):
    found = {"search": f"{MARK}-label"}
    assert operator_client.get("/api/events", found).json()["events"]
    assert not viewer_client.get("/api/events", found).json()["events"]


def test_a_viewer_is_told_what_there_is_without_values(house: House, viewer_client: Client):
    found = viewer_client.get("/api/container/safe/details").json()
    assert {"key": "ANYTHING", "value": None} in found["environment"]
    assert found["command"] == ["/bin/idle", "--password=••••••", "--api-key", "••••••"]
    assert found["healthcheck"]["test"] == ["CMD-SHELL", "PASSWORD=•••••• true"]
    assert found["labels"]["api.token"] == "••••••"
    assert found["labels"]["database"] == "postgres://me:••••••@db/x"
    assert found["labels"]["tier"] == "front"
    assert "ANYTHING=••••••" in found["inspect"]["Config"]["Env"]
    filename = house.named["backups"][0]
    saved = viewer_client.get(f"/api/backup/{filename}/preview").json()
    assert {"key": "ANYTHING", "value": None} in saved["metadata"]["environment"]
    assert {"key": "ANYTHING", "value": None} in saved["container"]["environment"]
    listed = viewer_client.get("/api/backups", {"container": "safe"}).json()["backups"]
    assert listed[0]["metadata"]["environment"] == saved["metadata"]["environment"]


def test_an_operator_is_told_what_there_is(house: House, operator_client: Client):
    filename = house.named["backups"][0]
    network = house.named["networks"][0]
    for address, words in {
        "/api/container/safe/details": ["value", "label", "command", "argument", "check"],
        "/containers/safe/environment/?show=all": ["value"],
        "/containers/safe/inspect/?values=shown": ["value", "label"],
        "/containers/safe/": ["label", "command", "check"],
        "/api/image/marked:1": ["default", "image-label", "image-command"],
        "/images/marked:1/?values=shown": ["default", "image-label"],
        "/volumes/share/": ["option"],
        f"/api/network/{network}": ["label", "o"],
        f"/api/backup/{filename}/preview": ["value", "label"],
        f"/backups/{filename}/": ["value", "label", "command"],
        "/api/backups": ["value"],
        "/api/schedules": ["label"],
        "/stacks/vault/deployments/1/": ["compose"],
        f"/jobs/{house.job.progress_id}/": ["log"],
    }.items():
        text = text_of(operator_client.get(address))
        assert [word for word in words if f"{MARK}-{word}" not in text] == [], address


SOCKETS = ("/ws/progress", "/ws/progress?format=json", "/ws/system", "/ws/stacks/vault/logs")


@pytest.mark.parametrize("path", [*SOCKETS, "/ws/containers/safe/logs"])
async def test_no_socket_tells_a_viewer_a_secret(path: str, house: House, viewer_client: Client):
    await sync_to_async(Job.objects.create)(
        kind="backup", subject="safe", status=Status.RUNNING, log=f"{MARK}-log", step="Reading"
    )
    headers = [
        (b"host", b"testserver"),
        (b"origin", b"http://testserver"),
        (b"cookie", f"sessionid={viewer_client.cookies['sessionid'].value}".encode()),
    ]
    socket = Socket(application, path, headers=headers)
    accepted, _ = await socket.connect()
    assert accepted
    frames = []
    # A page's first frames tell of the job, however long that takes; then there is an end to them.
    while path.startswith("/ws/progress") and "Reading" not in "".join(frames):
        frames.append(await socket.receive_from())
    while not await socket.receive_nothing(timeout=2):
        frames.append(await socket.receive_from())
        if len(frames) >= 20:
            break
    await socket.disconnect()
    assert MARK not in "".join(frames)
    if path == "/ws/progress":
        card = next(frame for frame in frames if "Reading" in frame)
        assert " disabled>Cancel" in json.loads(card)["content"]

"""What the Docker host uses: JSON, top bar, sockets."""

import asyncio
import json
import os
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from django.template.loader import render_to_string
from django.test import Client
from docker import APIClient

from containermonkey.problems import EngineUnreachable
from engine import about as engine_about
from engine.about import About
from engine.identity import JOB_LABEL
from jobs.mailbox import Mailbox
from system.host import elsewhere, proc, sampling, services
from system.host import feed as feed_module
from system.host.feed import HostFeed
from system.host.sampling import Sample, Sampler, busy_between
from system.host.services import host_stats, is_this_machine
from system.host.types import Seen
from system.routing import urlpatterns
from tests.engine_calls import recorded_calls
from tests.private_engine import PrivateEngine
from tests.sockets import PATIENCE, Socket
from tests.waiting import wait_for

API = "/api/system-stats"
STAT = "cpu  100 10 50 800 40 5 5 10 60 4\ncpu0 1 1 1 1 1 1 1 1 1 1\n"
MEMINFO = "MemTotal:  1000 kB\nMemFree:  100 kB\nMemAvailable:  600 kB\nHugePages_Total: 0\n"


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_about, "_last", {})
    monkeypatch.setattr(services, "_seen", {})


def about_this(**other: Any) -> About:
    host = {"name": "nas", "version": "20", "kernel": os.uname().release, "cpus": 2}
    host |= {"memory": proc.memory()[1], "root": "/", "holds_us": False}
    return About(**(host | other))


def test_counters_are_read_as_the_kernel_writes_them() -> None:
    # Guests are in `user` already; idle and waiting for a disk are no work.
    assert proc.cpu_times(STAT) == proc.CpuTimes(busy=180, all=1020)
    assert proc.memory(MEMINFO) == (400 * 1024, 1000 * 1024)
    assert proc.memory(MEMINFO.replace("MemAvailable", "Other"))[0] == 900 * 1024


def test_the_share_of_time_between_two_looks() -> None:
    def sample(busy: int, everything: int) -> Sample:
        return Sample(None, proc.CpuTimes(busy, everything), 0)  # type: ignore[arg-type]

    assert busy_between(sample(100, 1000), sample(150, 1100)) == 0.5
    assert busy_between(sample(100, 1000), sample(100, 1000)) is None
    assert busy_between(sample(100, 1000), sample(90, 1100)) == 0.0


def test_it_looks_again_after_it_was_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    sampler = Sampler()
    sampler.wait(PATIENCE)
    sampler.stop()
    monkeypatch.setattr(sampling, "FIRST", 60.0)
    seen = len(sampler.samples())
    assert seen >= 2
    sampler.start()
    assert len(sampler.samples()) == seen + 1
    sampler.stop()


@pytest.mark.django_db
def test_the_figures_are_those_of_the_host(operator_client: Client, docker: APIClient) -> None:
    stats = operator_client.get(API).json()
    about = docker.info()
    assert stats["cpu_count"] == about["NCPU"]
    assert stats["memory_total"] == about["MemTotal"]
    assert 0 <= stats["cpu_percent"] <= 100 * about["NCPU"]
    assert 0 < stats["memory_used"] < stats["memory_total"]
    assert stats["memory_percent"] == 100 * stats["memory_used"] / stats["memory_total"]
    assert stats["disk_total"] == shutil.disk_usage(about["DockerRootDir"]).total
    # Others write to that disk, and remove what they wrote.
    wait_for(lambda: is_as_full(operator_client.get(API).json(), about), "figures of one moment")
    assert len(stats["load"]) == 3 and stats["uptime"] > 0
    assert stats["read_at"].endswith("Z")


def is_as_full(stats: dict[str, Any], about: dict[str, Any]) -> bool:
    disk = shutil.disk_usage(about["DockerRootDir"])
    share = 100 * disk.used / (disk.used + disk.free)
    return abs(stats["disk_used"] - disk.used) < 1 << 30 and abs(stats["disk_percent"] - share) < 1


def test_another_machine_is_not_taken_for_this_one(settings: Any) -> None:
    settings.DOCKER_HOST = "unix:///run/docker.sock"
    assert is_this_machine(about_this())
    assert not is_this_machine(about_this(kernel="5.10.0"))  # a socket that leads elsewhere
    assert not is_this_machine(about_this(memory=1 << 30))
    settings.DOCKER_HOST = "tcp://twin.example:2376"
    assert not is_this_machine(about_this())
    assert is_this_machine(about_this(holds_us=True))
    settings.DOCKER_HOST = "tcp://127.0.0.1:2375"
    assert is_this_machine(about_this())


def test_in_a_container_the_disk_is_that_of_docker(settings: Any, monkeypatch: Any) -> None:
    looked_at: list[str] = []
    monkeypatch.setattr(proc, "disk", lambda path: looked_at.append(path))
    assert services.stats_here(about_this(holds_us=True, root="/var/lib/docker")).disk_used is None
    assert looked_at == ["/etc/hostname"]


@pytest.mark.django_db
def test_of_a_remote_host_it_is_told_how_large_it_is(
    engine: PrivateEngine, operator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "is_this_machine", lambda about: False)
    stats = operator_client.get(API).json()
    assert stats["cpu_count"] and stats["memory_total"]
    assert stats["cpu_percent"] is None and stats["memory_used"] is None
    engine.kill()
    assert operator_client.get(API).status_code == 503


def test_a_remote_host_is_asked_through_a_helper_that_goes_by_itself(
    docker: APIClient, busybox: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = host_stats()
    monkeypatch.setattr(services, "is_this_machine", lambda about: False)
    monkeypatch.setattr(elsewhere, "_hosts", {})
    monkeypatch.setattr(elsewhere, "FRESH", 0.0)
    monkeypatch.setattr(elsewhere, "SHORT_WAIT", 0.1)
    settings.HELPER_IMAGE = busybox
    there = host_stats()
    assert there.memory_total == here.memory_total and there.disk_total == here.disk_total
    assert abs(there.memory_used - here.memory_used) < here.memory_total / 5
    assert there.uptime >= here.uptime and len(there.load) == 3
    assert 0 <= there.cpu_percent <= 100 * there.cpu_count

    (helper,) = docker.containers(filters={"label": JOB_LABEL})
    inspect = docker.inspect_container(helper["Id"])
    assert inspect["HostConfig"]["AutoRemove"] and not inspect["Mounts"]
    assert inspect["HostConfig"]["ReadonlyRootfs"] and inspect["HostConfig"]["CapDrop"] == ["ALL"]
    host_stats()
    assert [row["Id"] for row in docker.containers(filters={"label": JOB_LABEL})] == [helper["Id"]]
    docker.remove_container(helper["Id"], force=True)  # as its end, or somebody, would
    assert host_stats().memory_used
    (another,) = docker.containers(filters={"label": JOB_LABEL})
    docker.remove_container(another["Id"], force=True)


def test_an_image_that_cannot_answer_is_not_tried_all_the_time(
    docker: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "is_this_machine", lambda about: False)
    monkeypatch.setattr(elsewhere, "_hosts", {})
    docker.import_image_from_data(b"\0" * 1024, repository="nothing", tag="1")
    settings.HELPER_IMAGE = "nothing:1"
    assert host_stats().memory_used is None  # it has no `sleep`
    assert not docker.containers(all=True, filters={"label": JOB_LABEL})
    with recorded_calls() as calls:
        assert host_stats().cpu_count
    assert not [call for call in calls if call.startswith("POST")]


def test_old_figures_are_shown_with_their_age() -> None:
    stats = services.stats_of(about_this(), None)
    assert not Seen(stats).is_old and not Seen(None).is_old
    old = replace(stats, read_at=datetime.now(UTC) - timedelta(minutes=3))
    meters = render_to_string("system/host_meters.html", {"seen": Seen(old)})
    assert 'title="Seen 3 min ago"' in meters and "stale" in meters


def test_what_a_helper_says_of_its_disk() -> None:
    assert elsewhere.disk_in("4096 100 40 30\n") == proc.Disk(60 * 4096, 100 * 4096, 100 * 60 / 90)
    assert elsewhere.disk_in("stat: what?") is None and elsewhere.disk_in(None) is None


@pytest.mark.django_db
def test_pages_have_the_figures_without_scripts(
    engine: PrivateEngine, operator_client: Client
) -> None:
    operator_client.get("/jobs/")  # where the Engine was never asked, the first page asks it
    host_stats()
    page = operator_client.get("/jobs/").content.decode()
    meters = page.partition('id="host-meters"')[2].partition("</header>")[0]
    assert meters.count(" %</b>") == 3
    engine.kill()
    page = operator_client.get("/jobs/").content.decode()
    assert page.partition('id="host-meters"')[2].partition("</header>")[0].count(" %</b>") == 3


@pytest.mark.django_db
def test_an_engine_that_never_answered(settings: Any, operator_client: Client) -> None:
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    assert operator_client.get(API).status_code == 503
    page = operator_client.get("/jobs/").content.decode()
    assert page.partition('id="host-meters"')[2].count("<b>–</b>") == 3


def test_figures_of_before_are_shown_with_their_age(
    engine: PrivateEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert services.latest().problem is None
    monkeypatch.setattr(services, "is_this_machine", lambda about: False)
    engine.kill()
    seen = services.latest()
    assert isinstance(seen.problem, EngineUnreachable) and seen.stats
    meters = render_to_string("system/host_meters.html", {"seen": seen})
    assert "stale" in meters and "cannot be reached" in meters
    assert re.search(r"Seen (just now|\d+ s ago)", meters)
    engine.start()
    wait_for(lambda: services.latest().problem is None, "the figures to be of now again")


async def test_one_reader_serves_all_and_ends_with_the_last(
    engine: PrivateEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    read = services.latest
    monkeypatch.setattr(feed_module, "INTERVAL", 0.05)
    monkeypatch.setattr(feed_module, "latest", lambda: reads.append(1) or read())
    feed = HostFeed()
    boxes = [Mailbox() for _ in range(20)]
    with feed.filling(boxes[0]), feed.filling_for_programs(boxes[1]):
        for box in boxes[2:]:
            feed._mailboxes[box] = False
        async with asyncio.timeout(PATIENCE):
            (page,), (program,) = await boxes[0].take(), await boxes[1].take()
            await boxes[19].take()
        assert "#host-meters" in json.loads(page.html)["content"] and page.data is None
        assert json.loads(program.data)["cpu_count"]
        assert len(reads) <= 2
        for box in boxes[2:]:
            del feed._mailboxes[box]
        reader = feed._reader
    await asyncio.wait([reader], timeout=PATIENCE)
    assert reader.cancelled()


async def test_the_reader_survives_what_nobody_thought_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answers = [Seen(None)]

    def odd() -> Seen:
        monkeypatch.setattr(feed_module, "latest", answers.pop)
        raise ValueError("an odd line")

    monkeypatch.setattr(feed_module, "INTERVAL", 0.01)
    monkeypatch.setattr(feed_module, "latest", odd)
    box = Mailbox()
    with HostFeed().filling(box):
        async with asyncio.timeout(PATIENCE):
            assert await box.take()
    assert "an odd line" in caplog.text


@pytest.mark.django_db(transaction=True)
async def test_programs_have_a_socket_of_their_own(engine: PrivateEngine) -> None:
    socket = Socket(URLRouter(urlpatterns), "/ws/system?format=json")
    assert (await socket.connect())[0]
    figures = json.loads(await socket.receive_from())
    assert figures.keys() == (await sync_to_async(vars)(host_stats())).keys()
    await socket.disconnect()

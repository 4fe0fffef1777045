"""stats.collector: one reader for all who look"""

import re
import subprocess
import threading
import time

import pytest

from containermonkey.problems import EngineUnreachable
from stats import collector as collector_module
from stats import rounds
from stats.rounds import Usage
from tests.waiting import wait_for

BURN = ["sh", "-c", "while :; do :; done"]
UNITS = {"B": 1, "kB": 1000, "MB": 1000**2, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


@pytest.fixture
def _often(monkeypatch):
    monkeypatch.setattr(collector_module, "INTERVAL", 0.3)


def usage(collector, name: str) -> Usage:
    seen = collector.look()
    assert seen.problem is None
    return next(each for each in seen.round.usages if each.container.name == name)


def of_docker_stats(engine, *names: str) -> dict[str, list[str]]:
    """CPU, memory, network and processes, as `docker stats` prints them."""
    fields = "{{.Name}} {{.CPUPerc}} {{.MemUsage}} {{.NetIO}} {{.PIDs}}"
    printed = subprocess.run(
        [
            *["docker", "--host", engine.docker_host, "stats", "--no-stream"],
            *["--format", fields, *names],
        ],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    rows = (re.sub(" / ", " ", row).split() for row in printed.splitlines())
    return {name: figures for name, *figures in rows}


def amount(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", text).groups()
    return float(number) * UNITS[unit]


def test_the_figures_are_those_of_docker_stats(engine, docker, make_container, collector):
    # A tenth of a core is had also where others work on the machine.
    make_container("burn", command=BURN, host={"nano_cpus": 100_000_000})
    make_container("idle", host={"mem_limit": 64 << 20})
    make_container("host", host={"network_mode": "host"})
    make_container("off", start=False)
    for name in ("idle", "host"):  # a shell, and what it waits for
        wait_for(lambda name=name: len(docker.top(name)["Processes"]) == 2, f"{name} to idle")
    theirs = of_docker_stats(engine, "burn", "idle", "host")
    collector.look()
    ours = {each.container.name: each for each in collector.look(anew=True).round.usages}
    for name, (cpu, memory, limit, received, sent, pids) in theirs.items():
        stats = ours[name].stats
        assert stats.cpu_percent == pytest.approx(float(cpu.rstrip("%")), abs=6)
        assert stats.memory_usage == pytest.approx(amount(memory), abs=512 << 10)
        assert stats.memory_limit == pytest.approx(amount(limit), rel=0.01)
        assert stats.pids == int(pids)
        if name != "host":
            assert stats.network_rx == pytest.approx(amount(received), abs=2000)
            assert stats.network_tx == pytest.approx(amount(sent), abs=2000)
    assert ours["burn"].stats.cpu_percent > 3
    assert (ours["host"].stats.network_rx, ours["host"].network_in) == (None, None)
    assert not ours["off"].is_known
    assert ours["off"].figures() == (None,) * 6


def test_many_who_look_are_served_from_one_reading(
    engine, make_container, collector, readings, seldom
):
    burning = make_container("burn", command=BURN)
    make_container("shop")
    threads = [threading.Thread(target=collector.look) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _ in range(20):
        seen = collector.look()
    # Twice, because the share of CPU needs two samples.
    assert readings.count("/containers/json") == 2
    assert len(readings) == 2 * 3
    lines = collector.history.lines(burning, "live", seen.round.collected_at.timestamp())
    assert max(value for value in lines[0] if value == value) > 5


def test_it_goes_on_while_somebody_looks_and_not_longer(
    engine, make_container, collector, readings, monkeypatch, _often
):
    assert not collector.running
    assert readings == []
    monkeypatch.setattr(collector_module, "WATCHED_SECONDS", 0.5)
    make_container("web")
    first = collector.look().round.collected_at
    wait_for(lambda: collector.look().round.collected_at > first, "the next round")
    wait_for(lambda: not collector.running, "the collector to end")
    before = len(readings)
    time.sleep(0.4)  # what does not happen cannot be waited for
    assert len(readings) == before
    assert collector.look().round is not None
    assert collector.running


def test_its_end_is_that_of_its_writing(engine, collector, readings, monkeypatch, _often):
    """Whoever stops it waits for that, and whoever looks meanwhile has it go on."""
    writing, may_end = threading.Event(), threading.Event()

    def keep_slowly(*_) -> None:
        writing.set()
        assert may_end.wait(30)

    monkeypatch.setattr(collector_module, "keep", keep_slowly)
    monkeypatch.setattr(collector_module, "WATCHED_SECONDS", 0.1)
    first = collector.look().round.collected_at
    assert writing.wait(30)
    assert collector.running
    monkeypatch.setattr(collector_module, "WATCHED_SECONDS", 60.0)
    collector.look()
    may_end.set()
    wait_for(lambda: collector.look().round.collected_at > first, "the next round")
    collector.stop()
    assert not collector.running


def test_what_is_older_than_two_intervals_is_read_again(
    engine, make_container, collector, readings, monkeypatch, seldom
):
    make_container("web")
    first = collector.look().round.collected_at
    collector.stop()
    assert collector.look().round.collected_at == first
    collector.stop()
    monkeypatch.setattr(collector_module, "INTERVAL", 0.1)
    assert collector.look().round.collected_at > first


def test_a_look_anew_is_of_now(engine, docker, make_container, collector, seldom):
    make_container("web")
    collector.look()
    docker.kill("web")
    assert usage(collector, "web").container.status == "running"
    collector.look(anew=True)
    found = usage(collector, "web")
    assert (found.container.status, found.is_known) == ("exited", False)


def test_one_that_does_not_answer_holds_up_nobody(
    engine, docker, make_container, collector, monkeypatch
):
    monkeypatch.setattr(rounds, "ANSWER_SECONDS", 2.5)  # of which the other takes far less
    make_container("well")
    make_container("stuck")
    docker.exec_start(
        docker.exec_create("stuck", ["dd", "if=/dev/zero", "of=/big", "bs=1M", "count=16"])["Id"]
    )
    # While the Engine streams a container's files, it does not say anything else of it.
    blocks, _ = docker.get_archive("stuck", "/big")
    next(iter(blocks))
    seen = collector.look()
    known = {each.container.name: each.is_known for each in seen.round.usages}
    assert (seen.problem, known) == (None, {"well": True, "stuck": False})
    blocks.close()


def test_an_engine_that_is_gone_leaves_the_last_figures_and_comes_back(
    engine, make_container, collector, monkeypatch, _often
):
    make_container("web", host={"restart_policy": {"Name": "always"}})
    assert usage(collector, "web").is_known
    with monkeypatch.context() as impatient:
        impatient.setattr(rounds, "LIST_SECONDS", 0.5)
        engine.pause()
        problem = wait_for(lambda: collector.look().problem, "the silence to be noticed")
        assert "did not answer in time" in str(problem)
        engine.unpause()
    wait_for(lambda: collector.look().problem is None, "the Engine to be heard again")
    engine.kill()
    wait_for(lambda: collector.look().problem, "the loss to be noticed")
    seen = collector.look()
    assert isinstance(seen.problem, EngineUnreachable)
    assert [each.container.name for each in seen.round.usages] == ["web"]
    engine.start()
    wait_for(lambda: collector.look().problem is None, "the collector to find the Engine again")
    wait_for(lambda: usage(collector, "web").is_known, "the figures to be there again")


def test_figures_of_another_engine_are_not_shown(
    engine, make_container, collector, settings, _often
):
    make_container("web")
    assert collector.look().round is not None
    settings.DOCKER_HOST = "unix:///var/empty/none.sock"
    seen = collector.look()
    assert seen.round is None
    assert isinstance(seen.problem, EngineUnreachable)


def test_one_that_the_host_had_no_thread_for_begins_with_the_next_look(
    engine, make_container, collector, monkeypatch
):
    def refused(thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refused)
        with pytest.raises(RuntimeError):
            collector.look()
    assert not collector.running
    collector.stop()
    make_container("web")
    assert usage(collector, "web")


def test_a_defect_is_told_and_ends_nothing(
    engine, make_container, collector, monkeypatch, caplog, _often
):
    original = collector_module.read_round

    async def broken(*, is_first: bool) -> None:
        raise KeyError("Names")

    monkeypatch.setattr(collector_module, "read_round", broken)
    assert "the log says why" in str(collector.look().problem)
    assert "could not be read" in caplog.text
    monkeypatch.setattr(collector_module, "read_round", original)
    wait_for(lambda: collector.look().problem is None, "the next round")
    with monkeypatch.context() as broken_history:
        broken_history.setattr(collector.history, "add", None)
        wait_for(lambda: collector.look().problem, "the defect to be told")
    wait_for(lambda: collector.look().problem is None, "the next round")

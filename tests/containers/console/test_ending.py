"""Each way to end a program, alone."""

import asyncio
import shutil
import signal
import subprocess
import time

import pytest
from asgiref.sync import sync_to_async

from containermonkey.problems import EngineUnreachable, Invalid
from containers.console import ending, execs, processes
from containers.console import running as running_module
from containers.console.options import Program, Size
from containers.console.processes import Way
from containers.console.running import run_command
from containers.console.terminal import open_terminal, start_one
from engine import wire
from tests.waiting import wait_for

STUBBORN = ("sh", "-c", "trap : HUP; sleep 1001 & while :; do sleep 1002; done")
POLITE = ("sh", "-c", "sleep 1001 & sleep 1002; true")


async def opened(container: str, command: tuple[str, ...], user: str = ""):
    """A program at a terminal, and the way to type into it."""
    target = await execs.running_container(container)
    made = await execs.create(target, Program(command, user), terminal=True)
    connection = execs.started(made, terminal=True, size=Size())
    answer = await connection.__aenter__()
    await execs.refuse_unless_started(made, answer)
    return made, answer, connection


def only(monkeypatch, way: str) -> None:
    async def no(*_: object) -> bool:
        return False

    for name in {"directly", "by_a_shell", "by_a_helper"} - {way}:
        monkeypatch.setattr(ending, name, no)
    # What does not end in time is tried again later, which is not what is looked at here.
    monkeypatch.setattr(ending, "PATIENCE", 4)


@pytest.mark.parametrize("user", ["", "guest"])
@pytest.mark.parametrize("command", [POLITE, STUBBORN], ids=["polite", "stubborn"])
async def test_a_shell_of_the_container_ends_it(
    command, user, make_container, monkeypatch, nothing_runs
):
    only(monkeypatch, "by_a_shell")
    container = make_container("web")
    made, _, connection = await opened("web", command, user)
    state = await ending.end(made)
    assert state
    assert not state.running
    await connection.__aexit__(None, None, None)
    await sync_to_async(nothing_runs)(container)


async def test_a_helper_ends_what_has_no_shell(
    docker, make_container, monkeypatch, nothing_runs, settings, busybox
):
    only(monkeypatch, "by_a_helper")
    settings.HELPER_IMAGE = busybox
    container = make_container("web")
    made, _, connection = await opened("web", STUBBORN, "guest")
    state = await ending.end(made)
    assert state
    assert not state.running
    await connection.__aexit__(None, None, None)
    await sync_to_async(nothing_runs)(container)
    assert len(docker.containers(all=True)) == 1


async def test_keys_are_the_last_resort(make_container, monkeypatch, nothing_runs):
    only(monkeypatch, "")
    container = make_container("web")
    made, answer, connection = await opened("web", ("sleep", "1001"))
    assert await ending.end(made) is None
    assert await ending.end(made, answer=answer)
    await connection.__aexit__(None, None, None)
    await sync_to_async(nothing_runs)(container)


async def test_so_is_the_connection_of_one_who_leaves_while_it_opens(
    make_container, monkeypatch, nothing_runs
):
    only(monkeypatch, "")
    starting = asyncio.Event()

    async def for_ever(made: execs.Exec, answer: wire.Answer) -> None:
        while not (await execs.state_of(made)).pid:
            await asyncio.sleep(0.02)
        starting.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(execs, "refuse_unless_started", for_ever)
    container = make_container("web")
    opening = asyncio.create_task(open_terminal("web", Program(("sleep", "1001")), Size()))
    await starting.wait()
    opening.cancel()
    await asyncio.wait({opening})
    await sync_to_async(nothing_runs)(container)


async def test_what_was_started_where_the_engine_did_not_say_so_is_ended(
    make_container, monkeypatch, nothing_runs
):
    async def silent(made: execs.Exec, answer: wire.Answer) -> None:
        while not (await execs.state_of(made)).pid:
            await asyncio.sleep(0.02)
        raise EngineUnreachable("The Docker Engine does not answer.")

    monkeypatch.setattr(execs, "refuse_unless_started", silent)
    container = make_container("web")
    with pytest.raises(EngineUnreachable):
        await start_one(await execs.running_container("web"), Program(("sleep", "1001")), Size())
    await sync_to_async(nothing_runs)(container)


@pytest.mark.django_db(transaction=True)
async def test_a_command_that_the_engine_fell_silent_about_is_ended(
    make_container, monkeypatch, nothing_runs
):
    async def silent(made: execs.Exec, *_: object) -> None:
        while not (await execs.state_of(made)).pid:
            await asyncio.sleep(0.02)
        raise EngineUnreachable("The Docker Engine does not answer.")

    monkeypatch.setattr(running_module, "ended", silent)
    container = make_container("web")
    with pytest.raises(EngineUnreachable):
        await run_command("web", Program(("sleep", "1001")))
    await sync_to_async(nothing_runs)(container)


async def test_what_is_paused_is_ended_later(docker, make_container, monkeypatch, nothing_runs):
    container = make_container("web")
    made, _, connection = await opened("web", POLITE)
    docker.pause("web")
    assert await ending.end(made) is None
    docker.unpause("web")
    monkeypatch.setattr(ending, "LATER", (0,))
    await ending.end_later(made)
    await connection.__aexit__(None, None, None)
    await sync_to_async(nothing_runs)(container)


@pytest.mark.django_db(transaction=True)
async def test_a_command_that_cannot_be_ended_in_time_is_ended_later(
    docker, make_container, monkeypatch, running, nothing_runs
):
    container = make_container("web")
    monkeypatch.setattr(ending, "LATER", (0, *[0.2] * 50))
    command = asyncio.create_task(run_command("web", Program(("sleep", "1001")), timeout=10))
    await sync_to_async(wait_for)(lambda: running(container), "the command to run")
    docker.pause("web")
    with pytest.raises(Invalid, match="tried again"):
        await command
    docker.unpause("web")
    await sync_to_async(nothing_runs)(container)


async def test_what_is_gone_has_ended(docker, make_container):
    make_container("web")
    made, _, connection = await opened("web", POLITE)
    docker.remove_container("web", force=True)
    assert await ending.end(made)
    await connection.__aexit__(None, None, None)


DEAF = "trap '' HUP; (trap - HUP; exec sleep 1001) & wait; sleep 1002; sleep 1003"
"""A shell that ignores a hang-up, with a sleep that does not."""

LOOPS = "(while :; do sleep 1001; done) & while :; do sleep 1002; done"
"""Two shells that have another sleep as soon as theirs ends."""


def begin(mark: str, script: str = DEAF) -> subprocess.Popen:
    """A session of this machine."""
    return subprocess.Popen(
        ["sh", "-c", script], env={"PATH": "/usr/bin:/bin", "M": mark}, start_new_session=True
    )


def test_processes_that_we_see_are_ended_by_ourselves():
    mark = f"M={time.time_ns()}"
    leader = begin(mark.removeprefix("M="))
    try:
        wait_for(lambda: processes.bears(leader.pid, mark), "it to begin")
        assert not processes.bears(leader.pid, f"{mark}1")
        assert not processes.bears(0, mark)
        assert not processes.bears(1, mark)
        processes.end_session(leader.pid, Way.FORCE)
        assert leader.wait(10) == -9
    finally:
        processes.end_session(leader.pid, Way.FORCE_ALL)
    wait_for(lambda: not members_of(leader.pid), "the whole session to end")


def members_of(session: int) -> list[int]:
    return [each.pid for each in processes.processes() if each.session == session]


@pytest.mark.parametrize("way", [Way.HANG_UP, Way.FORCE])
def test_what_a_loop_starts_meanwhile_is_reached_too(way, monkeypatch):
    leader = begin("1", LOOPS)
    wait_for(lambda: len(members_of(leader.pid)) == 4, "all of them to begin")
    listed, send = processes.processes, processes.send

    def slowly(pid: int, number: signal.Signals) -> None:
        send(pid, number)
        time.sleep(0.2)  # in which a loop that is left has its next sleep

    # The children before those that wait for them.
    monkeypatch.setattr(processes, "processes", lambda: reversed(list(listed())))
    monkeypatch.setattr(processes, "send", slowly)
    try:
        processes.end_session(leader.pid, way)
        assert leader.wait(10) == -{Way.HANG_UP: signal.SIGHUP, Way.FORCE: signal.SIGKILL}[way]
        wait_for(lambda: not members_of(leader.pid), "the whole session to end", 5)
    finally:
        processes.end_session(leader.pid, Way.FORCE_ALL)


@pytest.mark.parametrize("script", [DEAF, LOOPS], ids=["deaf", "loops"])
@pytest.mark.parametrize("shell", [["dash"], ["bash"], ["busybox", "sh"]], ids=" ".join)
def test_any_posix_shell_carries_out_the_script(shell, script):
    assert shutil.which(shell[0]), f"{shell[0]} is missing"
    mark = str(time.time_ns())
    leader = begin(mark, script)
    try:
        wait_for(lambda: processes.bears(leader.pid, f"M={mark}"), "it to begin")
        by_shell = [*shell, "-c", processes.SCRIPT, "sh"]
        assert subprocess.run([*by_shell, "M=nothing-has-this", "ALL"], check=False).returncode == 3
        assert subprocess.run([*by_shell, f"M={mark}", "ALL"], check=False).returncode == 0
        assert leader.wait(10) == -9
        wait_for(lambda: not members_of(leader.pid), "the whole session to end", 5)
    finally:
        processes.end_session(leader.pid, Way.FORCE_ALL)

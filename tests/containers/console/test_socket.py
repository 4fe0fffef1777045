"""/ws/containers/<id>/exec on a real Engine."""

import asyncio
import shutil
import time
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async

from accounts.models import AuditEntry
from containers.console import consumers, ending, flow
from tests import images
from tests.containers.console.sockets import PATIENCE, Socket

pytestmark = pytest.mark.django_db(transaction=True)


@sync_to_async
def trail() -> list[AuditEntry]:
    return list(AuditEntry.objects.order_by("pk"))


async def test_what_is_typed_is_echoed_and_run(make_container, person):
    make_container("web")
    async with Socket("web", person) as socket:
        await socket.type("echo $((6*7))\n")
        assert b"echo" in await socket.see("\r\n42\r\n")


async def test_letters_that_are_cut_in_two_arrive_whole(make_container, person):
    make_container("web")
    async with Socket("web", person, command="cat") as socket:
        word = "größe→猴\n".encode()
        for byte in word:
            await socket.type(bytes([byte]))
        await socket.see("größe→猴\r\ngröße→猴\r\n".encode())


async def test_the_terminal_has_the_size_that_was_asked_for_and_follows(make_container, person):
    make_container("web")
    async with Socket("web", person, cols=132, rows=43, command="sh") as socket:
        await socket.type("until stty size | grep '43 132'; do sleep .1; done\n")
        await socket.see("\r\n43 132\r\n")
        await socket.tell(type="resize", cols=99, rows=11)
        await socket.type("until stty size | grep '11 99'; do sleep .1; done\n")
        await socket.see("\r\n11 99\r\n")


async def test_user_folder_and_command_are_chosen(make_container, person):
    make_container("web")
    chosen = {"user": "guest", "workdir": "/tmp", "command": "sh -c 'id -un; pwd; exit 7'"}
    async with Socket("web", person, **chosen) as socket:
        assert await socket.end() == {"type": "exit", "code": 7}
        assert socket.seen == b"guest\r\n/tmp\r\n"
        assert socket.code == 1000


async def test_the_program_ends_when_the_socket_does(make_container, person, nothing_runs):
    container = make_container("web")
    async with Socket("web", person) as socket:
        await socket.type("sleep 1001 & sleep 1002; true\n")
        await socket.type("echo never\n")
        await socket.see("sleep 1002")
    await sync_to_async(nothing_runs)(container)


async def test_a_shell_that_will_not_hang_up_is_killed(make_container, person, nothing_runs):
    container = make_container("web")
    async with Socket("web", person) as socket:
        await socket.type("trap '' HUP INT QUIT TERM; echo de''af\n")
        await socket.see("deaf")
    await sync_to_async(nothing_runs)(container)


async def test_what_was_made_to_stay_stays(make_container, person, running):
    container = make_container("web")
    async with Socket("web", person) as socket:
        await socket.type("setsid sleep 2001 & (trap '' HUP; exec sleep 2002) & echo be''gun\n")
        await socket.see("begun")
        await socket.type("sleep .3; echo re''ady\n")
        await socket.see("ready")
    # The socket does not wait for the shell's end where that takes long.
    if under_way := {*ending._ending}:
        await asyncio.wait(under_way)
    assert sorted(await sync_to_async(running)(container)) == ["sleep 2001", "sleep 2002"]


async def test_ten_consoles_leave_nothing(make_container, person, nothing_runs):
    container = make_container("web")
    sockets = [Socket("web", person) for _ in range(10)]
    await asyncio.gather(*(socket.__aenter__() for socket in sockets))
    for socket in sockets:
        await socket.type("echo he''re\n")
        await socket.see("here")
    await asyncio.gather(*(socket.__aexit__() for socket in sockets))
    await sync_to_async(nothing_runs)(container)
    assert not consumers._open


async def test_one_who_leaves_while_it_opens_leaves_nothing(make_container, person, nothing_runs):
    container = make_container("web")
    for pause in (0, 0.005, 0.01, 0.02, 0.04):
        async with Socket("web", person):
            await asyncio.sleep(pause)
    await sync_to_async(nothing_runs)(container)


async def test_a_socket_that_is_ended_from_above_ends_the_program(
    make_container, person, nothing_runs
):
    container = make_container("web")
    socket = Socket("web", person)
    await socket.connect(timeout=PATIENCE)
    await socket.type("echo he''re\n")
    await socket.see("here")
    socket.future.cancel()  # as at sign-out
    await asyncio.wait({socket.future})
    await sync_to_async(nothing_runs)(container)


async def test_another_user_s_program_is_ended_too(make_container, person, nothing_runs):
    container = make_container("web")
    async with Socket("web", person, user="guest") as socket:
        await socket.type("sleep 1001 & echo he''re\n")
        await socket.see("here")
    await sync_to_async(nothing_runs)(container)


async def test_a_flood_waits_for_who_acknowledges(make_container, person, nothing_runs):
    container = make_container("web")
    async with Socket("web", person, command="yes") as socket:
        await socket.tell(type="ack", bytes=0)
        while len(socket.seen) < flow.WINDOW:
            await socket.step()
        with pytest.raises(TimeoutError):
            while True:
                async with asyncio.timeout(0.5):
                    frame = await socket.output_queue.get()
                socket.seen += frame["bytes"]
        assert len(socket.seen) < 2 * flow.WINDOW
    await sync_to_async(nothing_runs)(container)


async def test_ctrl_c_stops_a_flood(make_container, person):
    make_container("web")
    async with Socket("web", person) as socket:
        await socket.tell(type="ack", bytes=0)
        await socket.type("yes monkey\n")
        await socket.see("monkey\r\nmonkey")
        taken = len(socket.seen)
        while taken < 4 << 20:
            await socket.step()
            await socket.tell(type="ack", bytes=len(socket.seen))
            taken, socket.seen = taken + len(socket.seen), b""
        began = time.monotonic()
        await socket.type("\x03")
        while b"^C" not in socket.seen:
            acknowledged, socket.seen = len(socket.seen), socket.seen[-1:]
            await socket.tell(type="ack", bytes=acknowledged)
            await socket.step()
        assert time.monotonic() - began < 10


async def test_a_container_that_dies_says_so(docker, make_container, person):
    make_container("web")
    async with Socket("web", person) as socket:
        await socket.type("echo he''re\n")
        await socket.see("here")
        await sync_to_async(docker.kill)("web")
        assert await socket.end() == {"type": "exit", "code": 137, "message": "web has stopped."}


@pytest.mark.parametrize(
    ("query", "message", "code"),
    [
        ({"user": "nobody-at-all"}, "nable to find user nobody-at-all", 4400),
        ({"workdir": "/no/where"}, "/no/where", 4400),
        ({"workdir": "srv"}, "The working folder must begin with “/”.", 4400),
        ({"command": "no-such-program"}, "no-such-program", 4400),
        ({"command": "echo 'open"}, "The command cannot be split into words", 4400),
        ({"cols": "0"}, "The number of columns must be a number from 1 to 1000.", 4400),
        ({"rows": "²"}, "The number of rows must be a number from 1 to 1000.", 4400),
        ({"user": "a\nb"}, "The user must be at most 255 letters", 4400),
    ],
)
async def test_what_cannot_be_run_is_told(query, message, code, make_container, person):
    make_container("web")
    async with Socket("web", person, **query) as socket:
        said = await socket.end()
        assert said["type"] == "error"
        assert message in said["message"]
        assert socket.code == code


async def test_what_is_not_there_does_not_run_or_stands_still_is_told(
    docker, make_container, person
):
    async with Socket("nobody", person) as socket:
        assert "No such container: nobody" in (await socket.end())["message"]
        assert socket.code == 4404
    make_container("off", start=False)
    async with Socket("off", person) as socket:
        assert (await socket.end())["message"] == "off is not running. Start it first."
        assert socket.code == 4409
    make_container("web")
    await sync_to_async(docker.pause)("web")
    async with Socket("web", person) as socket:
        assert (await socket.end())["message"] == "web is paused. Unpause it first."
    await sync_to_async(docker.unpause)("web")


async def test_nothing_is_run_in_ourselves(make_container, person):
    make_container("monkey", labels={"containermonkey.self": ""})
    async with Socket("monkey", person) as socket:
        assert "is Container Monkey itself" in (await socket.end())["message"]
        assert socket.code == 4403


async def test_an_image_without_a_shell_says_why(docker, make_container, person, nothing_runs):
    await sync_to_async(images.import_tar)(
        docker,
        "bare:test",
        images.tar_of({"app/sleep": static_busybox()}),
        ['CMD ["/app/sleep", "3600"]'],
    )
    container = make_container("bare", image="bare:test")
    async with Socket("bare", person) as socket:
        said = await socket.end()
        assert said["message"].startswith("bare has no shell: its image brings neither bash nor sh")
    async with Socket("bare", person, command="/app/sleep 77") as socket:
        await socket.tell(type="resize", cols=90, rows=30)
        while not [line for line in await trail() if line.result == "done"]:
            await asyncio.sleep(0.02)
    await sync_to_async(nothing_runs)(container)


def static_busybox() -> bytes:
    """A program that is no shell under the name of one of its tools."""
    return Path(shutil.which("busybox")).read_bytes()


@pytest.mark.parametrize(
    "text", ["{", "[]", '"x"', '{"type": "exit"}', "x" * 5000, '{"type": "ack", "bytes": -1}',
             '{"type": "resize", "cols": true, "rows": 3}', '{"type": "resize"}', "[" * 1000]
)  # fmt: skip
async def test_a_message_that_makes_no_sense_ends_it(text, make_container, person, nothing_runs):
    container = make_container("web")
    async with Socket("web", person) as socket:
        await socket.type("echo he''re\n")
        await socket.see("here")
        await socket.send_to(text_data=text)
        assert (await socket.end())["type"] == "error"
    await sync_to_async(nothing_runs)(container)


async def test_too_large_a_message_ends_it(make_container, person):
    make_container("web")
    async with Socket("web", person) as socket:
        await socket.type(b"x" * (consumers.LARGEST_MESSAGE + 1))
        assert (await socket.end())["type"] == "error"
        assert socket.code == 4413


async def test_nobody_has_more_than_so_many(make_container, person, monkeypatch):
    monkeypatch.setattr(consumers, "MOST_FOR_ONE", 1)
    make_container("web")
    async with Socket("web", person) as first:
        await first.type("echo he''re\n")
        await first.see("here")
        async with Socket("web", person) as second:
            assert "You have 1 consoles open" in (await second.end())["message"]
    async with Socket("web", person) as third:
        await third.type("echo he''re\n")
        await third.see("here")


async def test_the_trail_tells_who_opened_what_and_not_what_was_typed(make_container, person):
    make_container("web")
    async with Socket("web", person, user="guest") as socket:
        await socket.type("echo se''cret; exit 3\n")
        assert (await socket.end())["code"] == 3
    opened, closed = await trail()
    assert (opened.action, opened.target, opened.result) == ("console.open", "web", "done")
    assert (opened.details["user"], opened.details["command"]) == ("guest", "a shell")
    assert (closed.action, closed.details["exit_code"]) == ("console.close", 3)
    assert closed.details["seconds"] >= 0
    assert "secret" not in repr([opened.details, closed.details])


async def test_the_trail_tells_what_could_not_be_opened(make_container, person):
    make_container("web")
    async with Socket("web", person, command="no-such-program") as socket:
        await socket.end()
    (line,) = await trail()
    assert (line.action, line.result) == ("console.open", "failed")
    assert "no-such-program" in line.problem

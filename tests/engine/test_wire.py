"""The Engine over asyncio, as it answers and as it fails."""

import asyncio

import pytest
from asgiref.sync import sync_to_async

from containermonkey.problems import EngineRefused, EngineUnreachable, Invalid, NotFound
from engine import contact, wire
from engine.frames import HEAD, STDERR, STDOUT, pieces
from engine.names import checked


@pytest.fixture(autouse=True)
def _current(docker_host):
    """The tests' Engine is the current one."""


async def run(container: str, *command: str, tty: bool = False) -> dict:
    body = {"AttachStdout": True, "AttachStderr": True, "Tty": tty, "Cmd": list(command)}
    return await wire.ask("POST", f"/containers/{container}/exec", body=body)


async def test_a_call_gives_its_answer(make_container):
    container = make_container(name="web")
    found = await wire.ask("GET", f"/containers/{checked('web', 'container')}/json")
    assert found["Id"] == container


async def test_an_answer_without_a_body_is_none(make_container):
    container = make_container(name="web")
    assert await wire.ask("POST", f"/containers/{container}/start") is None
    assert await wire.ask("POST", f"/containers/{container}/start") is None  # 304


async def test_an_error_answer_is_the_problem_it_stands_for():
    with pytest.raises(NotFound, match="No such container: nobody"):
        await wire.ask("GET", "/containers/nobody/json")
    # A 500 of Engine 20.10, a 400 of later ones.
    with pytest.raises((EngineRefused, Invalid), match="cannot unmarshal"):
        await wire.ask("POST", "/containers/create", body={"HostConfig": 7})


@pytest.mark.parametrize(
    "url", ["unix:///nowhere/docker.sock", "tcp://127.0.0.1:1"], ids=["unix", "tcp"]
)
async def test_an_engine_that_is_not_there_is_unreachable(settings, url):
    settings.DOCKER_HOST = url
    with pytest.raises(EngineUnreachable, match="cannot be reached") as said:
        await wire.ask("GET", "/info")
    assert "/nowhere" not in str(said.value)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("unix:///run/docker.sock", ""),
        ("tcp://nas.lan:2376", " at tcp://nas.lan:2376"),
        ("https://me:secret@nas:2376/x", " at https://nas:2376"),
    ],
)
def test_where_an_engine_is_is_told_without_paths_and_secrets(url, told):
    assert contact.place_of(url) == told


async def test_an_upgraded_connection_goes_both_ways(docker, make_container):
    container = make_container(name="web")
    await sync_to_async(docker.start)(container)
    body = {"AttachStdin": True, "AttachStdout": True, "AttachStderr": True, "Cmd": ["cat"]}
    made = await wire.ask("POST", f"/containers/{container}/exec", body=body)
    async with wire.asked(
        "POST", f"/exec/{made['Id']}/start", body={"Detach": False, "Tty": False}, upgrade=True
    ) as answer:
        await answer.send("größe\n".encode())
        answer.end_of_input()
        said = b"".join([piece async for batch in pieces(answer.blocks()) for _, piece in batch])
    assert said == "größe\n".encode()


async def test_the_two_streams_are_told_apart(docker, make_container):
    container = make_container(name="web")
    await sync_to_async(docker.start)(container)
    made = await run(container, "sh", "-c", "echo out; echo err >&2")
    async with wire.asked(
        "POST", f"/exec/{made['Id']}/start", body={"Detach": False, "Tty": False}, upgrade=True
    ) as answer:
        said = {stream: piece async for batch in pieces(answer.blocks()) for stream, piece in batch}
    assert said == {"stdout": b"out\n", "stderr": b"err\n"}


async def test_what_somebody_does_with_an_answer_fails_as_itself(make_container):
    make_container(name="web")
    with pytest.raises(TimeoutError):
        async with wire.asked("GET", "/containers/web/json"):
            raise TimeoutError
    with pytest.raises(OSError, match="mine"):
        async with wire.asked("GET", "/containers/web/json"):
            raise OSError("mine")


async def test_reading_slowly_pushes_back(docker, make_container):
    container = make_container(name="web")
    await sync_to_async(docker.start)(container)
    made = await run(container, "yes")
    async with wire.asked(
        "POST", f"/exec/{made['Id']}/start", body={"Detach": False, "Tty": False}, upgrade=True
    ) as answer:
        first = await anext(answer.blocks())
        paused = answer.reader._transport.is_reading  # type: ignore[attr-defined]
        async with asyncio.timeout(20):
            while paused():
                await asyncio.sleep(0)
        held = len(answer.reader._buffer)  # type: ignore[attr-defined]
    assert first
    assert held <= 2 * wire.READ_AHEAD + (256 << 10)


@pytest.mark.parametrize("cut", [1, 3, 8, 11, 64])
async def test_frames_that_are_cut_anywhere_are_put_together(cut):
    frames = HEAD.pack(STDOUT, 6) + b"line 1" + HEAD.pack(STDERR, 0) + HEAD.pack(STDERR, 3) + b"two"

    async def blocks():
        for start in range(0, len(frames), cut):
            yield frames[start : start + cut]

    said = [piece async for batch in pieces(blocks()) for piece in batch]
    assert b"".join(text for stream, text in said if stream == "stdout") == b"line 1"
    assert b"".join(text for stream, text in said if stream == "stderr") == b"two"


@pytest.mark.parametrize("cut", [1, 2, 3, 5, 64])
async def test_chunks_that_are_cut_anywhere_are_put_together(cut):
    body = b"5\r\nhello\r\n7;x=1\r\n, world\r\nA\r\n0123456789\r\n0\r\n\r\n"

    class Reader:
        left = body

        async def read(self, count: int) -> bytes:
            taken, self.left = self.left[:cut], self.left[cut:]
            return taken

    answer = wire.Answer(200, {"transfer-encoding": "chunked"}, Reader(), None, "unix:///x")  # type: ignore[arg-type]
    assert await answer.body() == b"hello, world0123456789"


@pytest.mark.parametrize("body", [b"5\r\nhel", b"x\r\n", b"5" * 5000, b""])
async def test_chunks_that_break_off_are_no_whole_answer(body):
    class Reader:
        left = body

        async def read(self, count: int) -> bytes:
            taken, self.left = self.left[:count], b""
            return taken

    answer = wire.Answer(200, {"transfer-encoding": "chunked"}, Reader(), None, "unix:///x")  # type: ignore[arg-type]
    with pytest.raises(EngineUnreachable):
        await answer.body()


async def test_what_is_no_json_comes_from_no_engine():
    class Reader:
        left = b'{"a": 1}\n<html>\n'

        async def read(self, count: int) -> bytes:
            taken, self.left = self.left[:count], b""
            return taken

    answer = wire.Answer(200, {}, Reader(), None, "unix:///x")  # type: ignore[arg-type]
    documents = answer.documents()
    assert await anext(documents) == {"a": 1}
    with pytest.raises(EngineUnreachable, match="cannot be reached"):
        await anext(documents)

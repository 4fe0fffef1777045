"""/ws/containers/<id>/logs"""

import asyncio
import json
import tracemalloc
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator

from containers.logs.following import MOST_WAITING
from containers.logs.routing import urlpatterns

pytestmark = pytest.mark.django_db(transaction=True)

LOOP = "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.05; done"


class Socket(WebsocketCommunicator):
    """One who follows a log; who may is not this test's subject."""

    def __init__(self, name: str, query: str = "format=json") -> None:
        super().__init__(URLRouter(urlpatterns), f"/ws/containers/{name}/logs?{query}")

    async def __aenter__(self) -> "Socket":
        connected, _ = await self.connect(timeout=5)
        assert connected
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.disconnect()

    async def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (await self.receive_from(timeout=20)).splitlines()]

    async def until(self, text: str) -> list[dict[str, Any]]:
        """Everything up to the delivery in which this is said."""
        found: list[dict[str, Any]] = []
        while not any(text in each["line"] for each in found):
            found += await self.lines()
        return found


async def start(make_container, command: str, **options) -> str:
    return await sync_to_async(make_container)("web", command=["sh", "-c", command], **options)


async def test_lines_come_as_they_are_written(engine, make_container):
    await start(make_container, f"echo err >&2; {LOOP}")
    async with Socket("web") as socket:
        lines = await socket.until("line 12")
    texts = [each["line"] for each in lines if each["stream"] == "stdout"]
    assert texts[:12] == [f"line {number}" for number in range(1, 13)]
    assert {"stream": "stderr", "line": "err"}.items() <= lines[0].items() or any(
        each["stream"] == "stderr" for each in lines
    )
    assert lines[0]["time"].endswith("Z")


async def test_pages_get_fragments(engine, make_container):
    await start(make_container, "echo '<script>x</script>'; echo bad >&2; sleep 60")
    async with Socket("web", "") as socket:
        content = ""
        while "bad" not in content:
            frame = json.loads(await socket.receive_from(timeout=10))
            content += frame["content"]
    assert "&lt;script&gt;" in content
    assert '<li class="stderr">' in content
    assert frame["after"].endswith("Z")


async def test_who_comes_back_gets_what_is_new_and_nothing_twice(engine, make_container):
    await start(make_container, LOOP)
    async with Socket("web") as socket:
        first = await socket.until("line 5")
    await asyncio.sleep(0.3)
    async with Socket("web", f"format=json&after={first[-1]['time']}") as socket:
        second = await socket.until(f"line {len(first) + 10}")
    texts = [each["line"] for each in first + second]
    assert texts == [f"line {number}" for number in range(1, len(texts) + 1)]


async def test_the_end_and_a_new_start_are_said(engine, docker, make_container):
    made = await start(make_container, "echo hello; exit 3")
    async with Socket("web") as socket:
        lines = await socket.until("has ended, with exit code 3")
        await sync_to_async(docker.start)(made)
        again = await socket.until("has ended")
        await sync_to_async(docker.remove_container)(made, force=True)
        gone = await socket.until("has been removed")
        assert (await socket.receive_output(timeout=5))["type"] == "websocket.close"
    assert [each["line"] for each in lines if each["stream"] == "stdout"] == ["hello"]
    assert [each["line"] for each in again if each["stream"] == "stdout"] == ["hello"]
    assert gone


async def test_a_flood_hangs_nothing_and_does_not_grow(engine, docker, make_container):
    made = await start(make_container, "yes 0123456789")
    async with Socket("web") as socket:
        await socket.lines()
        tracemalloc.start()
        lines: list[dict[str, Any]] = []
        slowest = 0.0
        loop = asyncio.get_running_loop()
        for _ in range(20):
            before = loop.time()
            await asyncio.sleep(0)
            slowest = max(slowest, loop.time() - before)
            lines = await socket.lines()
            assert len(lines) <= MOST_WAITING + 1
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    await sync_to_async(docker.kill)(made)
    assert "left out here" in lines[0]["line"]
    assert peak < 32 << 20
    assert slowest < 0.5


async def test_one_who_takes_nothing_holds_nothing_up(engine, make_container):
    await start(make_container, "yes")
    async with Socket("web"), Socket("web") as quick:
        for _ in range(5):
            assert await quick.lines()


async def test_nothing_is_left_when_the_browser_goes(engine, make_container):
    await start(make_container, LOOP)
    before = len(asyncio.all_tasks())
    for _ in range(5):
        async with Socket("web") as socket:
            await socket.lines()
    async with asyncio.timeout(5):
        while len(asyncio.all_tasks()) > before:
            await asyncio.sleep(0.01)


async def test_a_search_follows_as_well(engine, make_container):
    await start(make_container, LOOP)
    async with Socket("web", "format=json&search=line%203") as socket:
        lines = await socket.until("line 31")
    assert {each["line"][:6] for each in lines} == {"line 3"}


@pytest.mark.parametrize(
    ("name", "query", "code"),
    [("nobody", "", 4404), ("web", "tail=x", 4400), ("monkey", "", 4403)],
)
async def test_what_is_wrong_is_said_before_it_closes(engine, make_container, name, query, code):
    await sync_to_async(make_container)("web")
    await sync_to_async(make_container)("monkey", labels={"containermonkey.self": "1"})
    async with Socket(name, query) as socket:
        assert json.loads(await socket.receive_from(timeout=5))["error"]
        assert (await socket.receive_output(timeout=5))["code"] == code


async def test_an_engine_that_goes_away_is_said(engine, make_container):
    await start(make_container, LOOP)
    async with Socket("web") as socket:
        await socket.lines()
        await sync_to_async(engine.kill)()
        while "error" not in (frame := await socket.receive_from(timeout=10)):
            pass
        assert json.loads(frame)["code"] == "engine_unreachable"
        assert (await socket.receive_output(timeout=5))["code"] == 4503

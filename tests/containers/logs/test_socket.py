"""/ws/containers/<id>/logs"""

import asyncio
import json
import os
import re
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator

from containers.logs import consumers, following
from containers.logs.following import MOST_WAITING
from containers.logs.lines import Raw
from containers.logs.reading import raw_lines
from containers.logs.routing import urlpatterns

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60
"""Seconds for what comes in a moment, on a machine that is busy."""

LOOP = "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.05; done"
TEXTS = re.compile(r"<span>(.*?)</span>|note\">(.*?)</li>")


class Socket(WebsocketCommunicator):
    """One who follows a log; who may is not this test's subject."""

    def __init__(self, name: str, query: str = "format=json") -> None:
        super().__init__(URLRouter(urlpatterns), f"/ws/containers/{name}/logs?{query}")

    async def __aenter__(self) -> "Socket":
        connected, _ = await self.connect(timeout=PATIENCE)
        assert connected
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.disconnect(timeout=PATIENCE)

    async def line(self) -> dict[str, Any]:
        return json.loads(await self.receive_from(timeout=PATIENCE))

    async def until(self, text: str) -> list[dict[str, Any]]:
        """Every line up to that in which this is said."""
        found = [await self.line()]
        while text not in found[-1]["line"]:
            found.append(await self.line())
        return found


def texts_of(content: str) -> list[str]:
    """The lines and notes of a fragment."""
    return [line or note for line, note in TEXTS.findall(content)]


async def start(make_container, command: str, **options) -> str:
    return await sync_to_async(make_container)("web", command=["sh", "-c", command], **options)


async def test_lines_come_as_they_are_written(engine, make_container):
    await start(make_container, f"echo err >&2; {LOOP}")
    async with Socket("web") as socket:
        lines = await socket.until("line 12")
    texts = [each["line"] for each in lines if each["stream"] == "stdout"]
    assert texts[:12] == [f"line {number}" for number in range(1, 13)]
    assert [each["line"] for each in lines if each["stream"] == "stderr"] == ["err"]
    assert lines[0]["time"].endswith("Z")


async def test_pages_get_fragments(engine, make_container):
    await start(make_container, "echo '<script>x</script>'; echo bad >&2; sleep 60")
    async with Socket("web", "") as socket:
        content = ""
        while "bad" not in content:
            frame = json.loads(await socket.receive_from(timeout=PATIENCE))
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
        assert (await socket.receive_output(timeout=PATIENCE))["type"] == "websocket.close"
    assert [each["line"] for each in lines if each["stream"] == "stdout"] == ["hello"]
    assert [each["line"] for each in again if each["stream"] == "stdout"] == ["hello"]
    assert gone


async def test_last_words_are_told_where_the_engine_ends_the_log_before_them(
    engine, make_container, monkeypatch
):
    # As Debian's Engine does on a busy machine, but each time.
    async def cut_off(*args: Any, follow: bool = False, **options: Any) -> AsyncIterator[list[Raw]]:
        async with aclosing(raw_lines(*args, follow=follow, **options)) as batches:
            async for batch in batches:
                yield batch
                if follow:
                    return

    monkeypatch.setattr(following, "raw_lines", cut_off)
    await start(make_container, "echo hello; sleep 0.5; echo more; echo goodbye; exit 3")
    async with Socket("web") as socket:
        lines = await socket.until("has ended")
    texts = [each["line"] for each in lines]
    assert texts == ["hello", "more", "goodbye", "The container has ended, with exit code 3."]


async def test_with_both_streams_busy_nothing_is_missing_or_comes_twice(engine, make_container):
    command = "for i in $(seq 1 300); do echo o$i; echo e$i >&2; usleep 2000; done; exit 7"
    await start(make_container, command)
    lines: list[dict[str, Any]] = []
    after = ""
    while not any("exit code 7" in each["line"] for each in lines):
        query = f"after={after}" if after else ""
        async with Socket("web", query) as socket:
            for _ in range(2):
                frame = json.loads(await socket.receive_from(timeout=PATIENCE))
                after = frame["after"] or after
                lines += [{"line": text} for text in texts_of(frame["content"])]
                if "exit code 7" in frame["content"]:
                    break
    texts = [each["line"] for each in lines]
    for kind in "oe":
        found = [text for text in texts if re.fullmatch(rf"{kind}\d+", text)]
        assert found == [f"{kind}{number}" for number in range(1, 301)]


async def test_a_terminal_is_followed_as_well(engine, make_container):
    await start(make_container, "stty -echo; echo größe; sleep 60", tty=True)
    async with Socket("web") as socket:
        assert (await socket.until("größe"))[0]["stream"] == "stdout"


async def test_half_characters_come_together(engine, make_container):
    await start(make_container, r"printf 'gr\303'; sleep 0.3; printf '\266\337e\n'; sleep 60")
    async with Socket("web") as socket:
        assert (await socket.line())["line"] == "grö�e"


async def test_a_container_that_keeps_ending_is_looked_at_calmly(engine, docker, make_container):
    host = {"restart_policy": {"Name": "always"}}
    made = await start(make_container, "echo hello; exit 3", host=host)
    async with Socket("web") as socket:
        lines = await socket.until("exit code 3, and is restarted")
        lines += await socket.until("has been started again")
        lines += await socket.until("hello")
    runs = 1 + (await sync_to_async(docker.inspect_container)(made))["RestartCount"]
    texts = [each["line"] for each in lines]
    assert texts.count("hello") <= runs
    assert texts.count(following.STARTED) < runs


async def test_one_that_never_ran_is_said_so(engine, docker, make_container):
    made = await start(make_container, "echo hello; sleep 60", start=False)
    async with Socket("web") as socket:
        assert (await socket.line())["line"] == "The container has not been started yet."
        await sync_to_async(docker.start)(made)
        assert await socket.until("hello")


@pytest.mark.parametrize("query", ["follow=no", "until=0m"])
async def test_what_has_an_end_is_not_followed(engine, make_container, query):
    await start(make_container, f"echo first; {LOOP}")
    async with Socket("web") as socket:
        await socket.until("line 1")
    async with Socket("web", f"format=json&{query}") as socket:
        assert (await socket.line())["line"] == "first"
        while (output := await socket.receive_output(timeout=PATIENCE))["type"] == "websocket.send":
            pass
    assert output["type"] == "websocket.close"
    assert output.get("code", 1000) == 1000


async def test_a_quick_restart_is_noticed(engine, docker, make_container):
    made = await start(make_container, "echo hello; exec sleep 600")
    async with Socket("web") as socket:
        await socket.until("hello")
        await sync_to_async(docker.restart)(made, timeout=0)
        await socket.until("has been started again")
        await socket.until("hello")


async def test_rotation_is_survived(engine, docker, make_container):
    host = {"log_config": {"type": "json-file", "config": {"max-size": "10k", "max-file": "2"}}}
    command = "i=0; while :; do i=$((i+1)); echo line $i; usleep 1000; done"
    await start(make_container, command, host=host)
    async with Socket("web") as socket:
        lines = await socket.until("line 1500")
    numbers = [int(each["line"][5:]) for each in lines if each["stream"] == "stdout"]
    assert numbers == sorted(set(numbers))
    # A file holds about 100 lines; what the Engine loses when it turns the page is said.
    lost = numbers[-1] - numbers[0] + 1 - len(numbers)
    assert lost == 0 or any("rotated away" in each["line"] for each in lines)


async def test_a_flood_that_rotates_is_survived(engine, make_container):
    host = {"log_config": {"type": "json-file", "config": {"max-size": "10k", "max-file": "2"}}}
    await start(make_container, "yes", host=host)
    async with Socket("web") as socket:
        seen = 0
        async with asyncio.timeout(PATIENCE):
            while seen < 1000:  # several times what the files hold
                seen += (await socket.line())["line"] == "y"


async def test_a_flood_is_counted_and_does_not_grow(engine, make_container, monkeypatch):
    monkeypatch.setattr(following, "MOST_BEHIND", 600)  # measuring memory makes reading slow
    command = "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); seq $(((i-1)*100+1)) $((i*100)); done"
    await start(make_container, f"{command}; sleep 60")
    async with Socket("web") as socket:
        line = await socket.line()
        begin = int(line["line"])
        tracemalloc.start()
        told, last = count_of(line), 0
        async with longest_wait() as waited:
            while last < 300_000:
                line = await socket.line()
                told += count_of(line)
                last = 0 if line["stream"] == "note" else int(line["line"])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    # Each line was either sent or counted among those that were left out.
    assert told == last - begin + 1
    assert peak < 16 << 20
    assert waited[0] < 5


def count_of(line: dict[str, Any]) -> int:
    """How many lines this one is: a note says how many were left out."""
    is_note = line["stream"] == "note"
    return int(line["line"].split()[1].replace(",", "")) if is_note else 1


@asynccontextmanager
async def longest_wait() -> AsyncIterator[list[float]]:
    """How long others had to wait for the event loop, at most."""
    longest = [0.0]

    async def look() -> None:
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0.01)
            longest[0] = max(longest[0], loop.time() - before - 0.01)

    looking = asyncio.create_task(look())
    yield longest
    looking.cancel()


async def test_a_flood_that_is_too_fast_is_looked_at_now_and_then(
    engine, make_container, monkeypatch
):
    monkeypatch.setattr(following, "MOST_BEHIND", -1)
    command = "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); seq $(((i-1)*100+1)) $((i*100)); done"
    await start(make_container, f"{command}; for i in $(seq 20); do sleep 0.2; echo after $i; done")
    async with Socket("web") as socket:
        lines = await socket.until("has ended")
    assert any("too many to be counted" in each["line"] for each in lines)
    texts = [each["line"] for each in lines if each["stream"] == "stdout"]
    numbers = [int(text) for text in texts if text.isdigit()]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 300_000
    assert texts[-20:] == [f"after {number}" for number in range(1, 21)]


async def test_one_that_is_removed_in_a_flood_is_said_to_be(
    engine, docker, make_container, monkeypatch
):
    monkeypatch.setattr(following, "MOST_BEHIND", -1)
    made = await start(make_container, "yes")
    async with Socket("web") as socket:
        await socket.until("too many to be counted")
        await sync_to_async(docker.remove_container)(made, force=True)
        await socket.until("has been removed")
        assert (await socket.receive_output(timeout=PATIENCE))["type"] == "websocket.close"


async def test_a_defect_closes_it(engine, make_container, monkeypatch, caplog):
    def broken(*_):
        raise KeyError("Names")

    await start(make_container, LOOP)
    monkeypatch.setattr(consumers, "inspected", broken)
    async with Socket("web") as socket:
        assert (await socket.receive_output(timeout=PATIENCE))["code"] == 1011
    assert "was broken off" in caplog.text


async def test_one_who_takes_nothing_holds_nothing_up(engine, make_container):
    await start(make_container, "yes")
    async with Socket("web"), Socket("web") as quick:
        for _ in range(5 * MOST_WAITING):
            assert await quick.line()


async def test_many_watch_one_container(engine, make_container):
    await start(make_container, LOOP)
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(Socket("web")) for _ in range(20)]
        found = await asyncio.gather(*(socket.until("line 30") for socket in sockets))
    for lines in found:
        texts = [each["line"] for each in lines]
        assert texts == [f"line {number}" for number in range(1, len(texts) + 1)]


async def test_no_connection_to_the_engine_is_left(engine, make_container):
    await start(make_container, "yes")
    async with Socket("web") as socket:
        await socket.line()
    before = await connections_left()
    async with AsyncExitStack() as stack:
        for query in ("", "search=nothing", "follow=no"):
            await stack.enter_async_context(Socket("web", query))
        quick = await stack.enter_async_context(Socket("web"))
        await quick.line()
        assert len(os.listdir("/proc/self/fd")) > before
    async with asyncio.timeout(PATIENCE):
        while len(os.listdir("/proc/self/fd")) > before:
            await asyncio.sleep(0.01)


async def connections_left() -> int:
    """The descriptors that are open, once those that are being closed are."""
    count, still = len(os.listdir("/proc/self/fd")), 0
    async with asyncio.timeout(PATIENCE):
        while still < 20:
            await asyncio.sleep(0.01)
            now = len(os.listdir("/proc/self/fd"))
            count, still = now, still + 1 if now == count else 0
    return count


async def test_nothing_is_left_when_the_browser_goes(engine, make_container):
    await start(make_container, LOOP)
    before = len(asyncio.all_tasks())
    for _ in range(5):
        async with Socket("web") as socket:
            await socket.line()
    async with asyncio.timeout(PATIENCE):
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
        assert json.loads(await socket.receive_from(timeout=PATIENCE))["error"]
        assert (await socket.receive_output(timeout=PATIENCE))["code"] == code


async def test_an_engine_that_goes_away_is_said(engine, make_container):
    await start(make_container, LOOP)
    async with Socket("web") as socket:
        await socket.line()
        await sync_to_async(engine.kill)()
        while "error" not in (frame := await socket.receive_from(timeout=PATIENCE)):
            pass
        assert json.loads(frame)["code"] == "engine_unreachable"
        assert (await socket.receive_output(timeout=PATIENCE))["code"] == 4503

"""/ws/stacks/<name>/logs"""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from docker import APIClient

from containers.logs.following import Delivery
from containers.logs.options import LogOptions
from stacks.logs import following
from stacks.logs.routing import urlpatterns
from tests.arrange import ContainerMaker
from tests.private_engine import PrivateEngine
from tests.stacks.logs.test_logs import make

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("engine", "data_dir"),
]

PATIENCE = 60
"""Seconds for what comes in a moment, on a machine that is busy."""

LOOP = "i=0; while :; do i=$((i+1)); echo $0 $i; sleep 0.05; done"


class Socket(WebsocketCommunicator):
    """One who follows the logs; who may is not this test's subject."""

    def __init__(self, query: str = "format=json", name: str = "shop") -> None:
        super().__init__(URLRouter(urlpatterns), f"/ws/stacks/{name}/logs?{query}")

    async def __aenter__(self) -> "Socket":
        connected, _ = await self.connect(timeout=PATIENCE)
        assert connected
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.disconnect(timeout=PATIENCE)

    async def until(self, *texts: str) -> list[dict[str, Any]]:
        """Every line up to that by which all of these are said."""
        found: list[dict[str, Any]] = []
        while not all(any(text in each["line"] for each in found) for text in texts):
            found.append(json.loads(await self.receive_from(timeout=PATIENCE)))
        return found


made = sync_to_async(make)


async def test_the_lines_of_all_come_as_they_are_written(make_container: ContainerMaker) -> None:
    for service in ("web", "db"):
        await made(make_container, service, LOOP)
    async with Socket() as socket:
        lines = await socket.until("web 12", "db 12")
    for service in ("web", "db"):
        texts = [each["line"] for each in lines if each.get("service") == service]
        assert texts[:12] == [f"{service} {number}" for number in range(1, 13)]
        assert {each["container"] for each in lines if each.get("service") == service} == {
            f"shop-{service}-1"
        }


async def test_who_comes_back_gets_what_is_new_and_nothing_twice(
    make_container: ContainerMaker,
) -> None:
    for service in ("web", "db"):
        await made(make_container, service, LOOP)
    seen = ""
    async with Socket("") as socket:
        while "web 5<" not in seen or "db 5<" not in seen:
            frame = json.loads(await socket.receive_from(timeout=PATIENCE))
            seen += frame["content"]
    async with Socket(f"after={frame['after']}") as socket:
        while "web 15<" not in seen or "db 15<" not in seen:
            seen += json.loads(await socket.receive_from(timeout=PATIENCE))["content"]
    for service in ("web", "db"):
        for number in range(1, 16):
            assert seen.count(f"<span>{service} {number}</span>") == 1, (service, number)


async def test_they_are_followed_again_when_the_engine_is_back(
    engine: PrivateEngine, make_container: ContainerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.2)
    again = {"restart_policy": {"Name": "always"}}
    for service in ("web", "db"):
        await made(make_container, service, LOOP, host=again)
    async with Socket() as socket:
        await socket.until("web 5", "db 5")
        await sync_to_async(engine.kill)()
        notes = await socket.until("shop-web-1: ", "shop-db-1: ")
        await sync_to_async(engine.start)()
        await socket.until("web 1", "db 1")
    said = [each["line"] for each in notes if each["stream"] == "note"]
    assert all("Docker Engine" in note for note in said)


async def test_a_container_that_comes_later_is_heard(
    make_container: ContainerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.2)
    await made(make_container, "web", LOOP)
    async with Socket() as socket:
        await socket.until("web 3")
        await made(make_container, "db", LOOP)
        await socket.until("db 3")


async def test_one_that_goes_is_said_and_the_others_go_on(
    make_container: ContainerMaker, docker: APIClient
) -> None:
    await made(make_container, "web", LOOP)
    other = await made(make_container, "db", LOOP)
    async with Socket() as socket:
        await socket.until("web 3", "db 3")
        await sync_to_async(docker.remove_container)(other, force=True)
        found = await socket.until("shop-db-1: The container has been removed.")
        heard = [int(each["line"][4:]) for each in found if each.get("service") == "web"]
        await socket.until(f"web {max(heard, default=3) + 10}")


async def test_who_is_gone_is_forgotten(
    make_container: ContainerMaker, docker: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.2)
    web = await made(make_container, "web", LOOP)
    other = await made(make_container, "db", LOOP)
    follower = following.StackFollower("shop", "", LogOptions(), {})
    removed = False
    async with asyncio.timeout(PATIENCE), aclosing(follower.deliveries()) as deliveries:
        async for _ in deliveries:
            if not removed and len(follower.positions) == 2:
                removed = True
                await sync_to_async(docker.remove_container)(other, force=True)
            if removed and list(follower.positions) == [web[:12]]:
                break


async def test_a_defect_in_one_is_said_and_the_others_go_on(
    make_container: ContainerMaker, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    class Broken(following.Follower):
        async def deliveries(self) -> AsyncGenerator[Delivery, None]:
            if self._inspect["Name"] == "/shop-db-1":
                raise KeyError("Names")
            async for delivery in super().deliveries():
                yield delivery

    monkeypatch.setattr(following, "Follower", Broken)
    for service in ("web", "db"):
        await made(make_container, service, LOOP)
    async with Socket() as socket:
        await socket.until(f"shop-db-1: {following.BROKEN_OFF}", "web 20")
    assert "was broken off" in caplog.text


async def test_a_flood_is_counted_and_keeps_no_other_from_being_heard(
    make_container: ContainerMaker,
) -> None:
    await made(make_container, "flood", "yes 0123456789")
    await made(make_container, "web", LOOP)
    async with Socket() as socket:
        await socket.until("left out here", "web 20")


async def test_without_following_it_ends_by_itself(
    make_container: ContainerMaker, docker: APIClient
) -> None:
    for service in ("web", "db"):
        container = await made(make_container, service, "echo $0 1")
        await sync_to_async(docker.wait)(container)
    async with Socket("format=json&follow=no") as socket:
        await socket.until("web 1", "db 1")
        assert (await socket.receive_output(timeout=PATIENCE))["type"] == "websocket.close"


@pytest.mark.parametrize(
    ("query", "code"), [("after=yesterday", 4400), ("service=nobody", 4400), ("tail=x", 4400)]
)
async def test_what_makes_no_sense_closes_it(
    make_container: ContainerMaker, query: str, code: int
) -> None:
    await made(make_container, "web", "echo hello")
    async with Socket(query) as socket:
        assert "error" in json.loads(await socket.receive_from(timeout=PATIENCE))
        assert (await socket.receive_output(timeout=PATIENCE))["code"] == code


async def test_a_stack_that_is_not_here_closes_it() -> None:
    async with Socket(name="nowhere") as socket:
        await socket.receive_from(timeout=PATIENCE)
        assert (await socket.receive_output(timeout=PATIENCE))["code"] == 4404

"""containers.live.feed: one subscription for all who watch"""

import asyncio
from contextlib import ExitStack

import pytest
from asgiref.sync import sync_to_async

from containers.live import feed as feed_module
from containers.live.feed import CONTAINERS_CHANGED, ContainerFeed
from engine.identity import FILES_LABEL, JOB_LABEL
from jobs import listening
from jobs.mailbox import Mailbox
from jobs.rendering import event

PATIENCE = 60
"""Seconds for what comes in a moment, on a machine that is busy."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(listening, "QUIET_SECONDS", 0.05)
    monkeypatch.setattr(listening, "FIRST_WAIT", 0.05)
    monkeypatch.setattr(listening, "LONGEST_WAIT", 0.05)


@pytest.fixture
def feed(monkeypatch) -> ContainerFeed:
    """A feed that counts how often it subscribed and what it heard."""
    feed = ContainerFeed()
    feed.subscriptions, feed.heard = 0, []  # type: ignore[attr-defined]
    listen = feed_module.events

    async def counted(on_open, **filters):
        def opened() -> None:
            feed.subscriptions += 1  # type: ignore[attr-defined]
            on_open()

        async for happened in listen(opened, **filters):
            feed.heard.append(happened["Action"])  # type: ignore[attr-defined]
            yield happened

    monkeypatch.setattr(feed_module, "events", counted)
    return feed


async def told(mailbox: Mailbox) -> None:
    async with asyncio.timeout(PATIENCE):
        while not any(CONTAINERS_CHANGED in frame.key for frame in await mailbox.take()):
            pass


async def subscribed(feed, times: int = 1) -> None:
    async with asyncio.timeout(PATIENCE):
        while feed.subscriptions < times:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)  # for what that tells to be told


@pytest.mark.parametrize("act", ["start", "kill", "rename", "pause", "remove"])
async def test_each_change_is_told(engine, docker, make_container, feed, act):
    acts = {
        "start": lambda: docker.start("web"),
        "kill": lambda: docker.kill("web"),
        "rename": lambda: docker.rename("web", "shop"),
        "pause": lambda: docker.pause("web"),
        "remove": lambda: docker.remove_container("web", force=True),
    }
    await sync_to_async(make_container)("web", start=act != "start")
    mailbox = Mailbox()
    with feed.filling(mailbox):
        await told(mailbox)
        await subscribed(feed)
        await sync_to_async(acts[act])()
        await told(mailbox)
    assert feed.heard


async def test_many_watchers_cost_one_subscription_and_none_is_left(engine, feed):
    boxes = [Mailbox() for _ in range(50)]
    with feed.filling(boxes[0]):
        for box in boxes[1:]:
            with feed.filling(box):
                await told(box)
        await subscribed(feed)
        tasks = (feed._listener, feed._teller)
    await asyncio.wait(tasks, timeout=PATIENCE)
    assert all(task.cancelled() for task in tasks)
    assert feed.subscriptions == 1


async def test_a_burst_is_told_few_times(engine, docker, make_container, feed, monkeypatch):
    monkeypatch.setattr(listening, "QUIET_SECONDS", 0.5)
    await sync_to_async(make_container)("web", start=False)
    mailbox = Mailbox()
    with feed.filling(mailbox):
        await told(mailbox)
        await subscribed(feed)
        tellings = 0

        async def count() -> None:
            nonlocal tellings
            while True:
                await told(mailbox)
                tellings += 1

        counter, clock = asyncio.create_task(count()), asyncio.get_running_loop().time
        began = clock()
        for number in range(60):
            await sync_to_async(docker.rename)("web", f"web{number}")
            await sync_to_async(docker.rename)(f"web{number}", "web")
        async with asyncio.timeout(PATIENCE):
            while len(feed.heard) < 120:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.6)
        counter.cancel()
        quiet_times = (clock() - began) / listening.QUIET_SECONDS
    assert 1 <= tellings <= 1 + quiet_times


async def test_a_healthcheck_that_runs_is_no_change(engine, docker, make_container, feed):
    await sync_to_async(make_container)("web")
    mailbox = Mailbox()
    with feed.filling(mailbox):
        await told(mailbox)
        await subscribed(feed)
        made = await sync_to_async(docker.exec_create)("web", ["true"])
        await sync_to_async(docker.exec_start)(made["Id"])
        async with asyncio.timeout(PATIENCE):
            while not any(action.startswith("exec_die") for action in feed.heard):
                await asyncio.sleep(0.01)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await told(mailbox)


async def test_an_engine_that_comes_back_is_heard_again(engine, docker, make_container, feed):
    mailbox = Mailbox()
    with feed.filling(mailbox):
        await told(mailbox)
        await subscribed(feed)
        await sync_to_async(engine.kill)()
        await told(mailbox)
        before = feed.subscriptions
        await sync_to_async(engine.start)()
        await subscribed(feed, before + 1)
        feed.heard.clear()
        async with asyncio.timeout(PATIENCE):
            number = 0
            while not feed.heard:
                number += 1
                await sync_to_async(make_container)(f"web{number}", start=False)
                await asyncio.sleep(0.1)
        await told(mailbox)


async def test_helpers_of_who_looks_at_files_are_told_to_nobody(
    engine, docker, make_container, feed
):
    made = {"labels": {JOB_LABEL: FILES_LABEL}, "host": {"network_mode": "none"}}
    await sync_to_async(make_container)("helper", start=False, **made)
    mailbox = Mailbox()
    with feed.filling(mailbox):
        await told(mailbox)
        await subscribed(feed)
        await sync_to_async(docker.start)("helper")
        await sync_to_async(docker.remove_container)("helper", force=True)
        async with asyncio.timeout(PATIENCE):
            while "destroy" not in feed.heard:
                await asyncio.sleep(0.01)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await told(mailbox)


async def test_an_event_that_nobody_foresaw_does_not_end_the_feed(monkeypatch, feed):
    times = 0

    async def broken_once(on_open, **filters):
        nonlocal times
        times += 1
        on_open()
        if times == 1:
            raise KeyError("Action")
        yield {"Type": "container", "Action": "start", "Actor": {"Attributes": {}}}
        await asyncio.Event().wait()

    monkeypatch.setattr(feed_module, "events", broken_once)
    mailbox = Mailbox()
    with feed.filling(mailbox):
        await told(mailbox)
        async with asyncio.timeout(PATIENCE):
            while times < 2:
                await asyncio.sleep(0.01)
        await told(mailbox)


async def test_the_news_are_made_once_for_all_who_watch(engine, feed, monkeypatch):
    made, boxes = [], [Mailbox() for _ in range(5)]

    def news(_):
        made.append(event(CONTAINERS_CHANGED))
        return made[-1]

    with ExitStack() as watching:
        for box in boxes:
            watching.enter_context(feed.filling(box))
        await subscribed(feed)
        for box in boxes:
            await box.take()
        monkeypatch.setattr(ContainerFeed, "news", property(news))
        feed.changed()
        for box in boxes:
            await told(box)
    assert len(made) == 1

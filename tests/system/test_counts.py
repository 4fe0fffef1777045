"""How many there are of each kind, beside the entries of the sidebar."""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from docker import APIClient
from playwright.sync_api import Page, expect

from engine import contact
from jobs import listening
from jobs.mailbox import Mailbox
from jobs.rendering import Frame
from system.dashboard import counts, services
from system.dashboard.counts import COUNTED, CountFeed, at_hand
from tests.arrange import ContainerMaker
from tests.backups.pages import text_of
from tests.browser import sign_in
from tests.engine_calls import recorded_calls
from tests.private_engine import PrivateEngine
from tests.sockets import PATIENCE


@pytest.fixture(autouse=True)
def feed(monkeypatch: pytest.MonkeyPatch) -> CountFeed:
    """One that has counted nothing yet; nor has anything else."""
    feed = CountFeed()
    monkeypatch.setattr(counts, "feed", feed)
    monkeypatch.setattr(services, "_seen", {})
    monkeypatch.setattr(listening, "QUIET_SECONDS", 0.05)
    monkeypatch.setattr(listening, "FIRST_WAIT", 0.05)
    monkeypatch.setattr(listening, "LONGEST_WAIT", 0.05)
    return feed


async def told(box: Mailbox, condition: Callable[[], object], words: str = "") -> str:
    """What pages are told, with these words in it, once the condition holds.

    What waits in the mailbox may be older than what is at hand.
    """
    async with asyncio.timeout(PATIENCE):
        while True:
            for frame in await box.take():
                if frame.key == COUNTED and words in shown_by(frame) and condition():
                    return frame.html


def shown_by(frame: Frame) -> str:
    content: str = json.loads(frame.html)["content"]
    return content


async def test_what_changes_is_counted_for_all_pages(
    engine: PrivateEngine, docker: APIClient, make_container: ContainerMaker, feed: CountFeed
) -> None:
    def volumes() -> int | None:
        return at_hand()["volumes"]

    box, late = Mailbox(), Mailbox()
    with feed.filling(box):
        await told(box, lambda: volumes() == 0)
        await sync_to_async(docker.create_volume)("data")
        html = await told(box, lambda: volumes() == 1, 'id="count-volumes">1<')
        assert "#count-volumes" in html and "#count-home" in html
        with feed.filling(late):
            assert await told(late, lambda: True) == html
        broken = await sync_to_async(make_container)("broken", command=["sh", "-c", "exit 3"])
        await sync_to_async(docker.wait)(broken)
        await told(box, lambda: at_hand()["home"] == 1, "1<span")
        await sync_to_async(engine.kill)()
        await told(box, lambda: contact.loss(engine.docker_host), 'id="count-volumes">1<')
        assert volumes() == 1
        await sync_to_async(engine.start)()
        await told(box, lambda: volumes() == 1)
    assert feed.host is None


async def test_counting_that_fails_is_tried_again(
    engine: PrivateEngine,
    docker: APIClient,
    feed: CountFeed,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    count = services.latest_host

    def once(*_: Any) -> Any:
        monkeypatch.setattr(services, "latest_host", count)
        raise ValueError("an odd answer")

    monkeypatch.setattr(services, "latest_host", once)
    box = Mailbox()
    with feed.filling(box):
        await told(box, lambda: "an odd answer" in caplog.text)
        await sync_to_async(docker.create_volume)("data")
        await told(box, lambda: at_hand()["volumes"] == 1)


@pytest.mark.django_db
def test_a_page_asks_nobody_and_says_what_was_just_counted(
    admin_client: Client, docker: APIClient, make_container: ContainerMaker, feed: CountFeed
) -> None:
    docker.create_volume("data")
    admin_client.get("/jobs/")  # who the host is
    services.disk.begin().wait()  # or the page has it counted, and its thread is heard, too
    with recorded_calls() as calls:
        assert "Volumes Networks" in text_of(admin_client.get("/jobs/"))
    assert calls == []
    assert "Volumes 1 Networks 3" in text_of(admin_client.get("/"))
    with recorded_calls() as calls:
        assert "Volumes 1 Networks 3" in text_of(admin_client.get("/jobs/"))
    assert calls == []


@pytest.mark.django_db
def test_what_is_old_is_not_said(
    admin_client: Client,
    engine: PrivateEngine,
    docker: APIClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    docker.create_volume("data")
    admin_client.get("/")
    assert at_hand()["volumes"] == 1
    monkeypatch.setattr(counts, "FRESH", counts.FRESH * 0)
    assert at_hand()["volumes"] is None
    engine.kill()
    assert "It last answered" in text_of(admin_client.get("/"))  # beside which it is
    assert at_hand()["volumes"] == 1


def test_the_sidebar_follows_what_happens(
    page: Page, docker: APIClient, make_container: ContainerMaker
) -> None:
    sign_in(page)
    page.goto("/jobs/")
    bar = page.get_by_role("complementary", name="Sidebar")
    expect(bar.get_by_role("link", name="Volumes")).to_have_text(re.compile(r"Volumes\s+0"))
    trouble = bar.get_by_text("in trouble")
    expect(trouble).to_be_hidden()
    docker.create_volume("data")
    expect(bar.get_by_role("link", name="Volumes")).to_have_text(re.compile(r"Volumes\s+1"))
    make_container("broken", command=["sh", "-c", "exit 3"])
    expect(bar.get_by_role("link", name="Dashboard 1 container in trouble")).to_be_visible()

"""What happened on the host: kept, told, searched."""

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from docker import APIClient

from engine.helpers import helper
from engine.identity import SELF_LABEL
from jobs import listening
from jobs.mailbox import Mailbox
from system.events import feed as feed_module
from system.events import services, store
from system.events.feed import EVENTS_CHANGED, EventFeed
from system.events.presentation import gone_by_now, look_of, row_of
from system.events.services import Asked, matching
from system.events.store import Store, current_store
from system.events.types import LONGEST_ATTRIBUTES, event_of
from tests.arrange import ContainerMaker, run_in
from tests.backups.pages import links_of, tags_of, text_of
from tests.private_engine import PrivateEngine
from tests.sockets import PATIENCE

API, PAGE = "/api/events", "/events/"


@pytest.fixture(autouse=True)
def began(monkeypatch: pytest.MonkeyPatch) -> str:
    """Nothing was heard before; the moment as a query has it, since the Engine is that of all."""
    monkeypatch.setattr(store, "_stores", {})
    monkeypatch.setattr(listening, "QUIET_SECONDS", 0.05)
    monkeypatch.setattr(listening, "FIRST_WAIT", 0.05)
    monkeypatch.setattr(listening, "LONGEST_WAIT", 0.05)
    return f"{time.time():.6f}"


def told(number: int = 0, action: str = "start", **attributes: str) -> dict[str, Any]:
    """An event as the Engine tells it."""
    actor = {"ID": "a" * 64, "Attributes": {"name": "web", **attributes}}
    return {"Type": "container", "Action": action, "Actor": actor, "timeNano": 10**18 + number}


@pytest.mark.django_db
def test_what_happened_is_told_the_newest_first(
    operator_client: Client,
    docker: APIClient,
    make_container: ContainerMaker,
    began: str,
) -> None:
    web = make_container("web", command=["sh", "-c", "exit 3"], labels={"team": "shop"})
    docker.wait(web)
    make_container("gone", start=False)
    docker.remove_container("gone")
    docker.create_volume("data")

    def ask(**query: str) -> list[tuple[str, str]]:
        answer = operator_client.get(API, {"since": began, **query})
        assert answer.status_code == 200, answer.content
        return [(each["name"], each["action"]) for each in answer.json()["events"]]

    everything = ask()
    assert everything[0] == ("data", "create")
    assert everything.index(("web", "die")) < everything.index(("web", "start"))
    assert ask(type="volume") == [("data", "create")]
    assert ask(action="die") == [("web", "die")]
    assert set(ask(search="SHOP exitcode=3")) == {("web", "die")}
    assert ask(until=began) == []
    assert ask(limit="1") == [("data", "create")]
    (died,) = operator_client.get(API, {"since": began, "action": "die"}).json()["events"]
    assert died["actor_id"] == web and died["type"] == "container"
    assert died["attributes"]["exitCode"] == "3" and died["time"].endswith("Z")

    page = operator_client.get(PAGE, {"since": began})
    assert f"/containers/{web}/" in links_of(page)
    assert "/volumes/data/" in links_of(page)
    text = text_of(page)
    assert "gone destroy" in text and "exit code 3" in text
    gone = [link for link in links_of(page) if link and link.startswith("/containers/")]
    assert set(gone) == {"/containers/", f"/containers/{web}/"}
    fragment = operator_client.get(PAGE, {"action": "die"}, headers={"HX-Request": "true"})
    assert b"<html" not in fragment.content and tags_of(fragment, "div", id="events")


@pytest.mark.django_db
def test_what_this_program_does_for_itself_is_left_out(
    operator_client: Client,
    docker: APIClient,
    make_container: ContainerMaker,
    began: str,
    settings: Any,
) -> None:
    from engine import engine as current

    docker.create_volume("data")
    with (
        current() as ours,
        helper(ours, [{"Type": "volume", "Source": "data", "Target": "/data"}], "looking") as made,
    ):
        ours.get_archive(made, "/data")
    make_container("ourselves", start=False, labels={SELF_LABEL: "1"})
    web = make_container("web", command=["sleep", "60"])
    run_in(docker, web, "true")
    events = operator_client.get(API, {"since": began}).json()["events"]
    seen = {(event["name"], event["action"].partition(":")[0]) for event in events}
    assert seen >= {("data", "create"), ("web", "start")}
    assert not [each for each in seen if each[0] == "ourselves" or each[1].startswith("exec")]
    assert not [event for event in events if made in json.dumps(event)]


@pytest.mark.django_db
def test_a_time_that_makes_no_sense_is_said(operator_client: Client) -> None:
    answer = operator_client.get(API, {"since": "soon"})
    assert answer.status_code == 400 and answer.json()["fields"].keys() == {"since"}
    turned = operator_client.get(API, {"since": "1m", "until": "5m"})
    assert turned.status_code == 400 and turned.json()["fields"].keys() == {"until"}
    assert turned.json()["error"] == "Until must not be before since."


@pytest.mark.django_db
def test_times_are_asked_for_with_fields_that_say_what_is_wrong_with_them(
    operator_client: Client, make_container: ContainerMaker, began: str
) -> None:
    make_container("web", start=False)
    page = operator_client.get(PAGE, {"since": began, "type": "container", "live": "0"})
    fields = {field["name"]: field for field in tags_of(page, "input") if "name" in field}
    assert fields["since"]["value"] == began and fields["until"]["value"] == ""
    assert "10m, 2h" in text_of(page) and "web create" in text_of(page)
    (moment,) = [tag for tag in tags_of(page, "time") if tag.get("class") == "when"][-1:]
    assert moment["datetime"] == moment["title"] and "T" in moment["title"]
    spans = [link for link in links_of(page) if link and "since=15m" in link]
    assert spans == ["/events/?type=container&live=0&since=15m"]

    wrong = operator_client.get(PAGE, {"since": "soon", "type": "image"})
    assert wrong.status_code == 422
    fields = {field["name"]: field for field in tags_of(wrong, "input") if "name" in field}
    assert fields["since"]["aria-invalid"] == "true" and fields["since"]["value"] == "soon"
    assert "aria-invalid" not in fields["until"]
    text = text_of(wrong)
    assert "must be a time such as" in text and "No events are shown" in text
    assert "web create" not in text
    turned = operator_client.get(PAGE, {"since": "1m", "until": "5m"})
    assert turned.status_code == 422 and "must not be before since" in text_of(turned)
    fragment = operator_client.get(PAGE, {"since": "soon"}, headers={"HX-Request": "true"})
    assert fragment.status_code == 422 and "No events are shown" in text_of(fragment)


@pytest.mark.django_db
def test_an_engine_that_is_gone_leaves_what_was_heard(
    engine: PrivateEngine, operator_client: Client, make_container: ContainerMaker, began: str
) -> None:
    make_container("web", start=False)
    assert "web" in text_of(operator_client.get(PAGE, {"since": began}))
    engine.kill()
    page = operator_client.get(PAGE, {"since": began})
    assert "does not answer" in text_of(page)
    assert re.search(r"It last answered (just now|\d+ s ago)", text_of(page))
    assert "web create" in text_of(page)
    assert operator_client.get(API).status_code == 503
    store._stores.clear()  # as for a process that was started meanwhile
    assert "Nothing has happened" not in text_of(operator_client.get(PAGE))
    engine.start()
    assert "does not answer" not in text_of(operator_client.get(PAGE))


def test_a_burst_takes_no_more_than_its_share() -> None:
    kept = Store()
    labels = {f"label{number}": "x" * 5000 for number in range(50)}
    assert kept.add(told(number, **labels) for number in range(10_000))
    events = kept.newest_first()
    assert len(events) == store.MOST
    assert events[0].nanoseconds == 10**18 + 9999
    assert sum(map(len, events[0].attributes.values())) < LONGEST_ATTRIBUTES
    assert events[0].name == "web"
    assert not kept.add([told(9999)])  # once is enough, however often it is replayed


async def mailed(box: Mailbox) -> None:
    async with asyncio.timeout(PATIENCE):
        while not any(EVENTS_CHANGED in frame.key for frame in await box.take()):
            pass


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_burst_is_told_few_times_and_lets_others_have_their_turn(
    engine: PrivateEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = 0

    async def burst(on_open: Callable[[], None], **_: Any) -> AsyncGenerator[dict[str, Any], None]:
        on_open()
        for number in range(10_000):
            yield told(number)
        await asyncio.Event().wait()

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    monkeypatch.setattr(feed_module, "events", burst)
    monkeypatch.setattr(listening, "QUIET_SECONDS", 0.5)
    feed, box, tellings = EventFeed(), Mailbox(), 0
    with feed.filling(box):
        await mailed(box)
        other = asyncio.create_task(others())
        await until(lambda: len(current_store().newest_first()) == store.MOST)
        await mailed(box)
        other.cancel()
        assert turns >= 10
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.6):
                while True:
                    await box.take()
                    tellings += 1
        assert tellings <= 1


async def test_the_listener_survives_what_nobody_thought_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def odd(on_open: Callable[[], None], **_: Any) -> AsyncGenerator[dict[str, Any], None]:
        on_open()
        yield {"timeNano": "an odd time"}

    monkeypatch.setattr(feed_module, "fetch_past", lambda _: 1)
    monkeypatch.setattr(feed_module, "events", odd)
    feed = EventFeed()
    with feed.filling(Mailbox()):
        await until(lambda: "an odd time" in caplog.text and not feed.is_listening)
        assert feed._listener and not feed._listener.done()


async def test_what_happens_is_heard_at_once_and_after_the_engine_was_away(
    engine: PrivateEngine,
    docker: APIClient,
    make_container: ContainerMaker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    feed, box = EventFeed(), Mailbox()
    monkeypatch.setattr(services, "feed", feed)

    def heard(name: str) -> bool:
        return any(event.name == name for event in current_store().newest_first())

    with feed.filling(box):
        await until(lambda: feed.is_listening)
        await sync_to_async(make_container)("web", start=False)
        await until(lambda: heard("web"))
        await mailed(box)
        monkeypatch.setattr(services, "fetch_past", lambda _: pytest.fail("It was asked again."))
        assert await sync_to_async(services.known_events)()
        await sync_to_async(engine.kill)()
        await until(lambda: not feed.is_listening)
        await mailed(box)
        await sync_to_async(engine.start)()
        await until(lambda: feed.is_listening)
        await sync_to_async(make_container)("later", start=False)
        await until(lambda: heard("later"))
        tasks = (feed._listener, feed._teller)
    await asyncio.wait(tasks, timeout=PATIENCE)
    assert all(task.cancelled() for task in tasks) and not feed.is_listening


@pytest.mark.parametrize(
    ("action", "attributes", "tone"),
    [
        ("start", {}, "ok"),
        ("die", {"exitCode": "0"}, "idle"),
        ("die", {"exitCode": "143"}, "idle"),
        ("die", {"exitCode": "1"}, "bad"),
        ("oom", {}, "bad"),
        ("health_status: unhealthy", {}, "bad"),
        ("destroy", {}, "warn"),
        ("rename", {}, "info"),
    ],
)
def test_each_kind_has_its_colour(action: str, attributes: dict[str, str], tone: str) -> None:
    assert look_of(event_of(told(action=action, **attributes))).tone == tone


def test_there_is_no_way_to_what_is_gone_or_has_no_page() -> None:
    destroyed, made = told(2, "destroy"), told(1, "create")
    events = [event_of(destroyed), event_of(made)]
    assert row_of(events[1], gone_by_now(events), {}).url == ""
    assert row_of(events[1], gone_by_now(events[::-1]), {}).url == f"/containers/{'a' * 64}/"
    odd = event_of({"Type": "volume", "Action": "create", "Actor": {"ID": "far/away"}})
    assert row_of(odd, set(), {}).url == ""
    assert row_of(event_of({"Type": "<b>"}), set(), {}).about.word == "<b>"


def test_every_word_has_to_be_there() -> None:
    events = [event_of(told(image="nginx:1")), event_of(told(1, "stop", image="redis"))]
    assert matching(events, Asked(search="WEB nginx")) == events[:1]
    assert matching(events, Asked(since=10**18 + 1)) == events[1:]
    assert matching(events, Asked(action="start", type="image")) == []

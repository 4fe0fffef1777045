"""The sizes of volumes: counted beside the pages, and remembered for everybody."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from docker import APIClient

from containermonkey.problems import EngineRefused
from engine import counting
from tests.backups.pages import tags_of, text_of
from tests.engine_calls import recorded_calls
from tests.waiting import wait_for
from volumes import sizes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]


class SlowEngine:
    """Counts as long as the test wants; an Engine on a small disk cannot be made to."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = threading.Event()
        self.answer: Callable[[], dict[str, int]] = lambda: {"data": 3 << 20}

    def count(self, docker: Any) -> dict[str, int]:
        self.asked += 1
        assert self.may_answer.wait(30)
        return self.answer()


@pytest.fixture
def slow(docker: APIClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowEngine]:
    docker.create_volume("data")
    docker.create_volume("other")
    engine = SlowEngine()
    monkeypatch.setattr(sizes, "volume_sizes", engine.count)
    yield engine
    engine.may_answer.set()
    wait_for(lambda: not sizes.counting().goes_on, "the end of the count")


@pytest.fixture
def quick(slow: SlowEngine, monkeypatch: pytest.MonkeyPatch) -> SlowEngine:
    """The same, that counts at once, and pages wait for it also on a machine that is busy."""
    for room in (counting, sizes):
        monkeypatch.setattr(room, "BRIEFLY", 60)
    slow.may_answer.set()
    return slow


def listing(client: Client, query: str = "", **headers: str) -> str:
    return text_of(client.get(f"/volumes/{query}", headers=headers))


def test_nobody_asked_so_the_engine_counts_nothing(admin_client: Client, slow: SlowEngine) -> None:
    page = admin_client.get("/volumes/")
    assert tags_of(page, "a", href="?sizes=1")
    assert "counted when you ask" in text_of(page)
    assert slow.asked == 0


def test_the_list_is_there_while_the_engine_counts(admin_client: Client, slow: SlowEngine) -> None:
    page = admin_client.get("/volumes/?sizes=1")
    assert "The Engine looks through every volume" in text_of(page)
    assert {"data", "other"} <= set(text_of(page).split())
    assert b"every 2s" in page.content
    assert b'http-equiv="refresh"' in page.content  # without scripts it comes by itself, too
    slow.may_answer.set()
    wait_for(lambda: not sizes.counting().goes_on, "the sizes")
    part = admin_client.get(
        "/volumes/?sizes=1", headers={"HX-Request": "true", "X-Refresh": "true"}
    )
    assert "3 MiB in all, counted" in text_of(part)
    assert "1 not known" in text_of(part)
    assert b"every 30s" in part.content
    assert slow.asked == 1


def test_what_was_counted_is_there_at_once_for_everybody(
    admin_client: Client, operator_client: Client, quick: SlowEngine
) -> None:
    admin_client.get("/volumes/?sizes=1")
    assert "3 MiB in all, counted" in listing(operator_client)
    assert "3 MiB" in listing(operator_client, "data/")
    operator_client.get("/volumes/?sizes=1")
    assert quick.asked == 1
    answer = operator_client.post("/volumes/-/sizes/?search=data", follow=True)
    assert answer.redirect_chain[0][0] == "/volumes/?search=data&sizes=1"
    assert quick.asked == 2


def test_those_who_ask_meanwhile_share_one_walk(
    admin_client: Client, slow: SlowEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[sizes.Sizes] = []
    begun: list[counting.Walk[sizes.Sizes]] = []
    begin = sizes.counter.begin

    def noted() -> counting.Walk[sizes.Sizes]:
        begun.append(begin())
        return begun[-1]

    monkeypatch.setattr(sizes.counter, "begin", noted)
    asking = [
        threading.Thread(target=lambda: answers.append(sizes.count_sizes())) for _ in range(2)
    ]
    for thread in asking:
        thread.start()
    listing(admin_client, "?sizes=1")
    wait_for(lambda: len(begun) == 3, "everybody to have asked")
    slow.may_answer.set()
    for thread in asking:
        thread.join(30)
    assert slow.asked == 1
    assert [answer.of for answer in answers] == [{"data": 3 << 20}] * 2


def test_a_part_that_keeps_itself_up_to_date_begins_no_count(
    admin_client: Client, slow: SlowEngine
) -> None:
    listing(admin_client, "?sizes=1", **{"HX-Request": "true", "X-Refresh": "true"})
    assert slow.asked == 0


def test_an_engine_that_cannot_count_is_told_beside_the_list(
    admin_client: Client, quick: SlowEngine
) -> None:
    def refuse() -> dict[str, int]:
        raise EngineRefused("A disk is broken.")

    quick.answer = refuse
    page = listing(admin_client, "?sizes=1")
    assert "The sizes could not be counted. A disk is broken." in page
    assert "data" in page
    answer = admin_client.get("/api/volumes?sizes=true")
    assert (answer.status_code, answer.json()["error"]) == (502, "A disk is broken.")
    quick.answer = lambda: {"data": 1 << 20, "other": 0}
    admin_client.post("/volumes/-/sizes/")
    assert "1 MiB in all, counted" in listing(admin_client)


def test_who_asks_by_the_api_waits_and_is_told_when_it_was(
    admin_client: Client, slow: SlowEngine
) -> None:
    slow.may_answer.set()
    with recorded_calls() as calls:
        answer = admin_client.get("/api/volumes", {"sizes": "true"}).json()
    assert {each["name"]: each["size"] for each in answer["volumes"]} == {
        "data": 3 << 20,
        "other": None,
    }
    assert answer["sizes_counted_at"].endswith("Z")
    assert len([call for call in calls if "/volumes" in call]) == 1
    assert admin_client.get("/api/volumes").json()["sizes_counted_at"] is None


def test_a_stranger_has_nothing_counted(stranger_client: Client, slow: SlowEngine) -> None:
    assert stranger_client.get("/volumes/?sizes=1").status_code == 302
    assert stranger_client.post("/volumes/-/sizes/").status_code in (302, 403)
    assert stranger_client.get("/api/volumes?sizes=true").status_code == 401
    assert slow.asked == 0


def test_sizes_are_forgotten_after_a_while(admin_client: Client, quick: SlowEngine) -> None:
    admin_client.get("/volumes/?sizes=1")
    assert "3 MiB in all, counted" in listing(admin_client)
    cache.touch(sizes.counter.key, 0)
    assert "counted when you ask" in listing(admin_client)

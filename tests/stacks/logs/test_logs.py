"""The logs of a stack's containers as one: as a page, as JSON, as text."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from docker import APIClient

from containers.logs import reading
from containers.logs.lines import Raw
from containers.logs.reading import LogLost
from tests.arrange import ContainerMaker
from tests.backups.pages import text_of
from tests.waiting import wait_for

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("engine", "data_dir"),
]

URL = "/api/stack/shop/logs"
TOGETHER = "touch /turns/$0; until [ -e /turns/web ] && [ -e /turns/db ]; do sleep 0.05; done"
TURNS = f"{TOGETHER}; i=0; while [ $i -lt 20 ]; do echo $0 $i; i=$((i+1)); sleep 0.05; done"


def make(make_container: ContainerMaker, service: str, script: str, **config: Any) -> str:
    labels = {"com.docker.compose.project": "shop", "com.docker.compose.service": service}
    command = ["sh", "-c", script, service]
    return make_container(f"shop-{service}-1", command=command, labels=labels, **config)


@pytest.fixture
def spoken(docker: APIClient, make_container: ContainerMaker) -> None:
    """Two services that have spoken at the same time, and one that is of no stack."""
    host = {"binds": ["turns:/turns"]}
    made = [make(make_container, service, TURNS, host=host) for service in ("web", "db")]
    make_container("other", command=["echo", "nothing of theirs"])
    for container in made:
        docker.wait(container)


def lines_of(client: Client, **query: str) -> list[str]:
    answer = client.get(URL, query)
    assert answer.status_code == 200, answer.content
    return answer.json()["logs"].splitlines()


def test_the_lines_of_all_come_in_the_order_of_time(admin_client: Client, spoken: None) -> None:
    lines = lines_of(admin_client, timestamps="true")
    assert len(lines) == 40
    parts = [line.split(" ") for line in lines]
    times = [datetime.fromisoformat(part[2]) for part in parts]
    assert times == sorted(times)
    for service in ("web", "db"):
        texts = [part[3:] for part in parts if part[0] == f"shop-{service}-1"]
        assert texts == [[service, str(number)] for number in range(20)]
    names = [part[0] for part in parts]
    assert names != sorted(names), "they have taken turns"
    assert names != sorted(names, reverse=True)


def test_the_last_lines_are_those_of_all_together(admin_client: Client, spoken: None) -> None:
    everything = lines_of(admin_client)
    answer = admin_client.get(URL, {"tail": "7"}).json()
    assert answer["logs"].splitlines() == everything[-7:]
    assert answer["lines"] == 7


def test_a_service_and_words_are_chosen(admin_client: Client, spoken: None) -> None:
    assert {line.split(" ")[0] for line in lines_of(admin_client, service="db")} == {"shop-db-1"}
    assert sorted(lines_of(admin_client, search="b 19")) == [
        "shop-db-1 | db 19",
        "shop-web-1 | web 19",
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [({"tail": "-1"}, "tail"), ({"since": "soon"}, "since"), ({"service": "nobody"}, "service")],
)
def test_what_makes_no_sense_is_refused(
    admin_client: Client, spoken: None, query: dict[str, str], field: str
) -> None:
    answer = admin_client.get(URL, query)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    page = admin_client.get("/stacks/shop/logs/", query)
    assert page.status_code in (400, 422)


def test_the_page_shows_lines_with_their_service(
    operator_client: Client, docker: APIClient, make_container: ContainerMaker
) -> None:
    script = "echo '<script>x</script>'; echo bad >&2; sleep 600"
    made = make(make_container, "web", script)
    wait_for(lambda: b"bad" in docker.logs(made), "its lines")
    page = operator_client.get("/stacks/shop/logs/")
    content = page.content.decode()
    assert "&lt;script&gt;x" in content
    assert '<li class="stderr">' in content
    assert 'class="service f4" title="shop-web-1">web</b>' in content
    assert 'data-log="/ws/stacks/shop/logs"' in content
    assert "2 lines" in text_of(page)


def test_hostile_names_of_services_escape(
    admin_client: Client, docker: APIClient, make_container: ContainerMaker
) -> None:
    evil = '"><img src=x onerror=alert(1)>'
    labels = {"com.docker.compose.project": "shop", "com.docker.compose.service": evil}
    made = make_container("shop-evil-1", command=["echo", "hello"], labels=labels)
    docker.wait(made)
    content = admin_client.get("/stacks/shop/logs/").content.decode()
    assert "hello" in content
    assert "<img src=x" not in content


def test_all_of_it_comes_as_text(admin_client: Client, spoken: None) -> None:
    answer = admin_client.get("/stacks/shop/logs/download/?timestamps=1")
    assert answer["Content-Disposition"] == 'attachment; filename="shop.log"'
    text = b"".join(block_of(answer)).decode()
    times = [datetime.fromisoformat(line.split(" ")[2]) for line in text.splitlines()]
    assert len(times) == 40
    assert times == sorted(times)
    answer = admin_client.get(URL, {"download": "true", "service": "db", "search": "db 3"})
    assert b"".join(block_of(answer)) == b"shop-db-1 | db 3\n"


def test_the_last_lines_of_all_together_come_as_text(admin_client: Client, spoken: None) -> None:
    everything = b"".join(block_of(admin_client.get(URL, {"download": "true"})))
    answer = admin_client.get(URL, {"download": "true", "tail": "3"})
    assert b"".join(block_of(answer)).splitlines() == everything.splitlines()[-3:]


def block_of(answer: Any) -> list[bytes]:
    """What a streamed answer holds, also where it is made for an asynchronous server."""
    from asgiref.sync import async_to_sync

    async def read() -> list[bytes]:
        return [block async for block in answer.streaming_content]

    return async_to_sync(read)()


def test_one_whose_log_cannot_be_read_leaves_the_others(
    admin_client: Client, make_container: ContainerMaker, spoken: None
) -> None:
    make(make_container, "mute", "sleep 600", host={"log_config": {"type": "none"}})
    answer = admin_client.get(URL).json()
    assert answer["lines"] == 40
    [unread] = answer["unread"]
    assert unread.startswith("shop-mute-1: ")
    assert "Not every log can be read" in text_of(admin_client.get("/stacks/shop/logs/"))


def test_a_stack_that_is_not_here_has_no_logs(
    admin_client: Client, stranger_client: Client
) -> None:
    assert admin_client.get("/api/stack/nowhere/logs").status_code == 404
    assert admin_client.get("/stacks/nowhere/logs/").status_code == 404
    assert admin_client.get("/stacks/nowhere/logs/download/").status_code == 404
    assert stranger_client.get(URL).status_code == 401


def test_lines_that_are_rotated_away_while_they_are_read_are_said(
    admin_client: Client, spoken: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(*_: Any, **__: Any) -> AsyncIterator[list[Raw]]:
        yield [("stdout", b"2026-01-01T00:00:00.000000000Z an old line")]
        raise LogLost("error from daemon in stream")

    monkeypatch.setattr(reading, "raw_lines", read)
    answer = admin_client.get(URL).json()
    assert answer["lines"] == 2
    assert sorted(answer["unread"]) == [
        f"shop-{service}-1: {reading.NEWEST_LOST}" for service in ("db", "web")
    ]

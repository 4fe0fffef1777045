"""Buttons and links of what somebody may not do: in their place, disabled, and saying why."""

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.test import Client

from accounts.audit import Actor, acting
from accounts.models import Right
from accounts.offering import link_to, why_not
from jobs.models import Job, Status
from tests.arrange import ContainerMaker

SEEN_BY_VIEWERS = frozenset({Right.SEE})
ANSWERED = "This takes the right to "


class Offers(HTMLParser):
    """The links that look like buttons and the buttons of a page, with where each leads."""

    def __init__(self, path: str, html: str) -> None:
        super().__init__()
        self.path, self.method, self.action = path, "GET", ""
        self.forms: dict[str, tuple[str, str]] = {}
        self.found: list[tuple[str, str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, listed: list[tuple[str, str | None]]) -> None:
        said = dict(listed)
        classes = (said.get("class") or "").split()
        if tag == "form":
            self.method = (said.get("method") or "get").upper()
            self.action = said.get("action") or self.path
            self.forms[said.get("id") or ""] = (self.method, self.action)
        elif tag == "a" and {"btn", "ib", "link"} & set(classes):
            self.found.append(("GET", said.get("href") or "", said))
        elif tag == "button" and said.get("type") == "submit" and self.method != "DIALOG":
            method, action = self.forms.get(said.get("form") or "", (self.method, self.action))
            self.found.append((method, said.get("formaction") or action, said))

    def __iter__(self) -> Iterator[tuple[str, str, dict[str, str | None]]]:
        return iter(self.found)


PAGES = [
    *("/", "/containers/", "/containers/web/", "/containers/web/environment/"),
    *("/containers/web/inspect/", "/containers/web/logs/", "/containers/web/stats/"),
    *(
        "/volumes/",
        "/volumes/web-data/",
        "/volumes/web-data/files/",
        "/networks/",
        "/networks/front/",
    ),
    *("/images/", "/images/busybox:test/", "/stacks/", "/stacks/shop/", "/backups/"),
    *("/backups/coverage/", "/backups/schedules/", "/jobs/", "/events/", "/statistics/"),
    *("/system/check/", "/system/clean-up/", "/system/disk/", "/search/?search=web"),
]


@pytest.fixture
def things(docker, make_container: ContainerMaker, data_dir, db) -> None:
    docker.create_network("front")
    labels = {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"}
    make_container(
        "web", labels=labels, environment={"GREETING": "hello"}, host={"binds": ["web-data:/data"]}
    )
    Job.objects.create(kind="backup", subject="web", status=Status.QUEUED)
    Job.objects.create(kind="backup", subject="web", status=Status.FAILED, error="No disk.")


def test_what_is_offered_to_somebody_is_what_they_may(
    things: None, viewer_client: Client, operator_client: Client, admin_client: Client
):
    everything = {}
    for client, rights in (
        (admin_client, None),
        (operator_client, None),
        (viewer_client, SEEN_BY_VIEWERS),
    ):
        refused = 0
        for path in PAGES:
            answer = client.get(path)
            assert answer.status_code == 200, path
            offers = Offers(path, answer.content.decode())
            # Nothing is left out, so that nothing is in another place.
            assert len(offers.found) == everything.setdefault(path, len(offers.found)), path
            for method, address, said in offers:
                if "disabled" in said or said.get("aria-disabled"):
                    assert (said.get("title") or "").startswith(ANSWERED), (path, said)
                    assert "href" not in said
                    refused += 1
                elif rights is not None:
                    with acting(lambda rights=rights: Actor(rights=rights)):
                        assert not why_not(address, method), (path, method, address, said)
        if client is admin_client:
            assert not refused
    assert refused > 50


def test_the_tab_of_the_console_says_why_it_is_closed(things: None, viewer_client: Client):
    html = viewer_client.get("/containers/web/").content.decode()
    assert 'tabindex="0" title="This takes the right to run commands inside' in html
    assert "/console/web" not in html


def test_values_of_the_environment_have_no_way_to_them(things: None, viewer_client: Client):
    html = viewer_client.get("/containers/web/environment/").content.decode()
    assert "GREETING" in html and "show=" not in html
    answer = viewer_client.get("/containers/web/environment/?show=all")
    assert answer.status_code == 403
    assert "operators have" in answer.content.decode()


def test_a_link_leads_where_its_reader_may_go():
    with acting(lambda: Actor(rights=SEEN_BY_VIEWERS)):
        assert link_to("/volumes/") == {"href": "/volumes/"}
        assert link_to("https://example.org/") == {"href": "https://example.org/"}
        closed = link_to("/volumes/x/delete/?a=1")
    assert "href" not in closed
    assert closed["title"] == (
        "This takes the right to delete, which administrators have. You are signed in as a viewer."
    )
    assert link_to("/volumes/x/delete/") == {"href": "/volumes/x/delete/"}


def test_a_page_that_is_refused_says_which_right_it_takes_and_leads_back(viewer_client: Client):
    answer = viewer_client.get(
        "/volumes/-/new/", headers={"Referer": "http://testserver/volumes/?search=x"}
    )
    html = answer.content.decode()
    assert answer.status_code == 403
    assert "This takes the right to start, stop and change what is there, which operators" in html
    assert 'href="/volumes/?search=x"' in html


def test_a_fragment_that_is_refused_is_a_toast(viewer_client: Client):
    answer = viewer_client.post("/containers/x/stop/", headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert answer.status_code == 403
    assert "#toasts" in html and ANSWERED in html

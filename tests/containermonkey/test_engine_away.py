"""Every page that shows something of the Engine, while that is gone or hangs."""

import time
from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from containermonkey import middleware
from engine import contact
from stats import rounds
from tests.browser import sign_in
from tests.waiting import wait_for

HTMX = {"HX-Request": "true", "X-Refresh": "true"}

OF_THE_ENGINE = [
    *("/", "/containers/", "/containers/web/", "/containers/web/logs/", "/containers/web/stats/"),
    *("/containers/web/environment/", "/containers/web/inspect/", "/containers/web/delete/"),
    *("/console/web", "/volumes/", "/volumes/data/", "/volumes/data/files/", "/volumes/-/prune/"),
    *("/images/", "/images/?sizes=1", "/images/busybox:test/", "/networks/", "/networks/bridge/"),
    *("/networks/new/", "/networks/-/prune/", "/stacks/", "/stacks/shop/", "/stacks/shop/logs/"),
    *("/statistics/", "/events/", "/system/clean-up/", "/search/?search=web"),
    *("/backups/coverage/", "/backups/create/web/"),
]
CALLS = [
    *("/api/containers", "/api/volumes", "/api/images", "/api/images?sizes=true", "/api/networks"),
    *("/api/stacks", "/api/dashboard-stats", "/api/statistics", "/api/events"),
    *("/api/container/web/stats", "/api/container/web/logs"),
]
REMEMBERED = {"/", "/containers/", "/statistics/", "/events/", "/search/?search=web"}
"""What shows something without the Engine, and so takes no whole page in its place."""

LONGEST = 15.0
"""Seconds: room for a busy machine, and a fraction of the minute that a call has otherwise."""


@pytest.fixture
def hanging(engine, monkeypatch) -> Iterator[None]:
    monkeypatch.setattr(middleware, "PATIENCE", 0.3)
    monkeypatch.setattr(rounds, "LIST_SECONDS", 0.3)
    engine.pause()
    yield
    engine.unpause()  # for the collector to end, which the next test waits for


@pytest.mark.parametrize("path", OF_THE_ENGINE)
def test_an_engine_that_hangs_is_said_soon(admin_client: Client, hanging, path):
    began = time.monotonic()
    answer = admin_client.get(path)
    assert time.monotonic() - began < LONGEST
    is_said_so(answer, path)


@pytest.mark.parametrize("path", CALLS)
def test_a_call_that_reads_waits_no_longer(admin_client: Client, hanging, path):
    began = time.monotonic()
    answer = admin_client.get(path)
    assert time.monotonic() - began < LONGEST
    assert (answer.status_code, answer.json()["code"]) == (503, "engine_unreachable")


@pytest.mark.parametrize("path", OF_THE_ENGINE)
def test_an_engine_that_is_gone_is_said(admin_client: Client, settings, path):
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    is_said_so(admin_client.get(path), path)


def is_said_so(answer, path: str) -> None:
    page = answer.content.decode()
    assert page.count("engine-down") == 1
    assert "The Docker Engine does not answer" in page
    assert f'href="{path}" data-again' in page.replace("&amp;", "&")
    assert "<h1>" in page and 'class="side"' in page
    assert answer.status_code == 503 or path in REMEMBERED
    # What has nothing to show comes by itself; the rest has parts that do.
    assert ("whole=1" in page) == (path not in REMEMBERED)


def test_what_is_sent_is_not_sent_again_by_itself(admin_client: Client, settings):
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    page = admin_client.post("/containers/web/start/").content.decode()
    assert "Nothing was done" in page
    assert "whole=1" not in page
    assert 'href="/" data-again' in page


def test_trying_again_leads_to_the_page_that_a_form_was_on(admin_client: Client, settings):
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    headers = {"Referer": "http://testserver/containers/?state=running"}
    answer = admin_client.post("/containers/web/start/", headers=headers)
    assert 'href="/containers/?state=running" data-again' in answer.content.decode()


def test_a_part_of_a_page_stays_and_has_the_note_beside_it(admin_client: Client, settings):
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    answer = admin_client.get("/volumes/", headers=HTMX)
    part = answer.content.decode()
    assert answer.status_code == 503  # so that it takes nobody's place
    assert '<hx-partial data-hx-target="#engine-state"' in part
    assert "#toasts" not in part
    assert (
        "#toasts" in admin_client.get("/volumes/", headers={"HX-Request": "true"}).content.decode()
    )


def test_trying_again_never_leads_to_another_host(admin_client: Client, settings):
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver//evil.example/"}
    part = admin_client.get("/volumes/", headers=headers).content.decode()
    assert "Try again" in part
    assert "//evil.example" not in part


def test_the_state_tells_of_a_loss_and_of_the_return(admin_client: Client, engine):
    admin_client.get("/containers/")
    assert "role" not in state(admin_client, "").content.decode()
    engine.kill()
    contact.forget()
    gone = state(admin_client, f"?since={int(time.time()) - 3600}").content.decode()
    assert "does not answer" in gone and "1 h ago" in gone and "since=" in gone
    assert 'id="engine-host" data-hx-swap-oob' in gone and "Does not answer" in gone
    engine.start()
    contact.forget()
    back = state(admin_client, "?away=1")
    assert "does not answer" not in back.content.decode()
    assert "containers-changed" in back["HX-Trigger"]
    assert state(admin_client, "?away=1&whole=1")["HX-Refresh"] == "true"
    assert "HX-Trigger" not in state(admin_client, "")


def state(client: Client, query: str):
    return client.get(f"/engine/{query}", headers=HTMX)


def test_without_scripts_the_state_is_the_check(admin_client: Client):
    assert admin_client.get("/engine/").url == "/system/check/"


def test_who_asks_often_is_no_burden(admin_client: Client, engine, monkeypatch):
    admin_client.get("/containers/")
    asked: list[str] = []
    monkeypatch.setattr("containermonkey.engine_state.refuse_unreachable", lambda: asked.append(""))
    state(admin_client, "")
    assert not asked
    contact.forget()
    state(admin_client, "")
    assert asked


def test_an_engine_that_is_slow_for_one_is_not_lost():
    contact.answered("unix:///slow")
    from engine.errors import silent

    silent("unix:///slow")
    assert contact.loss("unix:///slow") is None
    silent("unix:///other")
    assert contact.loss("unix:///other")


DIMMED = "getComputedStyle(document.querySelector('{}')).color"


@pytest.mark.parametrize(
    ("end", "path", "kept"),
    [
        ("killed", "/", ".tile .big"),
        ("killed", "/containers/", "#containers tbody tr"),
        ("killed", "/statistics/", ".stat"),
        ("hanging", "/volumes/", "#volumes tbody tr"),
        ("hanging", "/containers/web/inspect/", "main pre"),
    ],
)
def test_an_open_page_keeps_marks_and_recovers(
    page: Page, engine, docker, make_container, watch, path, kept, end
):
    watch.expect("503 (Service Unavailable)")
    docker.create_volume("data")
    make_container("web")
    sign_in(page)
    page.goto(path)
    shown = page.locator(kept)
    expect(shown.first).to_be_visible(timeout=20_000)
    count, bright = shown.count(), page.evaluate(DIMMED.format(kept))
    loads: list[str] = []
    page.on("load", lambda _: loads.append("again"))
    engine.kill() if end == "killed" else engine.pause()
    note = page.locator(".engine-down")
    expect(note).to_contain_text("The Docker Engine does not answer")
    expect(note).to_contain_text("It last answered")
    expect(shown).to_have_count(count)
    assert page.evaluate(DIMMED.format(kept)) != bright
    note.get_by_role("link", name="Try again").click()
    expect(note).to_be_visible()
    expect(page.locator(".toast")).to_have_count(0)
    engine.start() if end == "killed" else engine.unpause()
    expect(note).to_have_count(0)
    expect(shown.first).to_be_visible()
    assert page.evaluate(DIMMED.format(kept)) == bright
    assert not loads


def test_a_page_that_has_nothing_comes_by_itself(page: Page, engine, docker, watch):
    watch.expect("503 (Service Unavailable)")
    docker.create_volume("data")
    sign_in(page)
    engine.kill()
    page.goto("/volumes/")
    expect(page.locator(".engine-down")).to_contain_text("does not answer")
    engine.start()
    expect(page.locator("#volumes tbody tr")).to_have_count(1)
    expect(page.locator(".engine-down")).to_have_count(0)


def test_without_scripts_again_is_a_link(page_without_scripts: Page, engine, docker, watch):
    page = page_without_scripts
    watch.expect("503 (Service Unavailable)")
    docker.create_volume("data")
    sign_in(page)
    engine.kill()
    page.goto("/volumes/?search=data")
    engine.start()
    wait_for(lambda: engine.running, "the Engine")
    page.get_by_role("link", name="Try again").click()
    expect(page.locator("#volumes tbody tr")).to_have_count(1)
    assert page.url.endswith("/volumes/?search=data")

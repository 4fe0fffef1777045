"""The program as a real process, and the browser on it."""

import contextlib
import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import processes
from tests.browser import Watch, sign_in, watched_page
from tests.site import START_TIMEOUT, STOP_TIMEOUT, Site, copy_database
from tests.waiting import wait_for


@pytest.fixture
def own_site(make_site: Callable[..., Site]) -> Site:
    return make_site()


def test_serve_starts_and_ends_in_order(own_site: Site):
    below = processes.descendants(own_site.process.pid)
    assert len(below) >= 2  # the web server and the worker

    assert own_site.stop() == 0

    assert not [pid for pid in below if processes.alive(pid)]
    assert "Traceback" not in own_site.log


def test_worker_that_dies_comes_back(own_site: Site):
    before = own_site.worker
    processes.send(before, signal.SIGKILL)
    wait_for(lambda: own_site.worker not in (0, before), "the worker", START_TIMEOUT)
    wait_for(own_site.is_well, "the site to be well again", START_TIMEOUT)


def test_everything_ends_with_the_web_server(own_site: Site):
    below = processes.descendants(own_site.process.pid)
    web = next(pid for pid in below if "uvicorn" in processes.command_line(pid))
    processes.send(web, signal.SIGKILL)
    assert own_site.process.wait(STOP_TIMEOUT) != 0
    assert not [pid for pid in below if processes.alive(pid)]


def test_site_is_fresh_after_every_test(site: Site, tmp_path: Path):
    kept = tmp_path / "kept.sqlite3"
    copy_database(site.database, kept)
    with contextlib.closing(sqlite3.connect(site.database)) as connection, connection:
        connection.execute("DELETE FROM accounts_user")
    (site.data_dir / "backups" / "web_20260101_000000.tar.gz").touch()

    site.restore(kept)

    with contextlib.closing(sqlite3.connect(site.database)) as connection:
        assert connection.execute("SELECT username FROM accounts_user").fetchall()
    assert list((site.data_dir / "backups").iterdir()) == []


def test_browser_shows_the_first_page(page: Page):
    page.goto("/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_browser_shows_the_first_page_without_scripts(page_without_scripts: Page):
    page_without_scripts.goto("/")
    expect(page_without_scripts.get_by_role("button", name="Sign in")).to_be_visible()


def test_browser_can_be_signed_in(page: Page):
    sign_in(page)
    page.goto("/")
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)


@pytest.fixture
def bare_page(browser: Browser, site: Site) -> Iterator[tuple[Page, Watch]]:
    watch = Watch(site.url)
    with watched_page(browser, site.url, watch, scripts=True) as page:
        page.goto("/")
        yield page, watch


def test_watch_sees_what_a_page_does_in_secret(bare_page: tuple[Page, Watch]):
    page, watch = bare_page
    page.evaluate("console.log('a message'); setTimeout(() => { throw new Error('a mistake') })")
    page.evaluate("fetch('http://192.0.2.1/elsewhere').catch(() => {})")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    seen = wait_for(lambda: len(watch.unexpected()) >= 4 and "\n".join(watch.seen), "messages")
    for part in ("a message", "a mistake", "192.0.2.1", "Content Security Policy"):
        assert part in seen
    watch.expect("a mess")
    assert "a message" not in "\n".join(watch.unexpected())

"""The fixtures that all tests share. What they are made of stands in the modules beside this."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from docker import APIClient
from playwright.sync_api import Browser, Page, sync_playwright
from xdist.scheduler import LoadScopeScheduling

from accounts.models import User
from accounts.rights import Role
from accounts.roles import give_role
from engine import contact
from engine.client import forget_clients
from stats.collector import collector
from system.host.sampling import sampler
from tests import arrange, images
from tests.browser import Watch, launch, watched_page
from tests.house import SCRATCH
from tests.private_engine import EngineFailed, PrivateEngine
from tests.registry import Registry
from tests.site import Site, copy_database, migrated_data

PASSWORD = "correct horse battery"
COUNTERS = ("system.disk:", "volumes.sizes:")
"""How the threads begin to be called in which the Engine counts beside the pages."""
KEPT_TOGETHER = ("tests/image/", "tests/bigger/")
"""Folders whose tests share what takes long to make: the image, databases and web servers."""


def pytest_configure() -> None:
    """Spare the tests what takes long and is nothing that they look at.

    Passwords are hashed quickly: tests make many people, and none of them is real. A test's client
    looks static files up when they are asked for, instead of looking at all of them before its
    first request. The sites that tests start are processes of their own and do neither.
    """
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django_settings.WHITENOISE_AUTOREFRESH = True


@pytest.hookimpl(trylast=True)  # after Django's own order, which has tests without a database last
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests with the browser last: while it runs, its event loop is the thread's own, and
    neither asynchronous tests nor the database work beside it. Of these the few that walk through
    all pages begin, so that no worker is left alone with one at the end."""
    items.sort(key=turn_of)


def turn_of(item: pytest.Item) -> int:
    if "browser" not in getattr(item, "fixturenames", ()):
        return 0
    return 1 if item.path.parent.name in {"looks", "hostile"} else 2


class Shares(LoadScopeScheduling):
    """Gives the tests of some folders to one worker, and every other test to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in KEPT_TOGETHER if nodeid.startswith(folder)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares:
    """Share the tests out among the workers; what is kept together begins, as it takes longest."""
    return Shares(config, log)


@pytest.fixture(autouse=True)
def _no_counts_from_earlier_tests() -> None:
    """Rate limits count in the cache; and what an Engine was, the next is not."""
    cache.clear()
    contact.forget()


@pytest.fixture(autouse=True)
def _nobody_goes_on_looking(settings: Any) -> Iterator[None]:
    """Who looked at the statistics would have the Engine read during the next tests, and what is
    counted for one test would be remembered in the next; and who reads a setting at the moment in
    which a test changes it finds none at all. So they end before the settings are set back."""
    yield
    collector.stop()
    sampler.stop()
    for thread in threading.enumerate():
        if thread.name.startswith(COUNTERS):
            thread.join()


# The Engine


@pytest.fixture(scope="session")
def private_engine() -> Iterator[PrivateEngine]:
    """The Engine of this run, from the first test that needs it on. Tests ask for `engine`."""
    engine = PrivateEngine(SCRATCH.path / "engine")
    try:
        engine.start()
    except EngineFailed as problem:
        pytest.fail(str(problem), pytrace=False)
    yield engine
    engine.stop()


@pytest.fixture
def engine(
    private_engine: PrivateEngine, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PrivateEngine]:
    """The private Engine, running and empty, as the one that the program talks to.

    A test may kill or pause it. Afterwards it is brought back, jobs must have left nothing of
    their own on it, and everything that was made on it is removed.
    """
    if not private_engine.running:
        private_engine.start()
    settings.DOCKER_HOST = private_engine.docker_host
    monkeypatch.setenv("DOCKER_HOST", private_engine.docker_host)
    yield private_engine
    forget_clients()
    private_engine.unpause() if private_engine.running else private_engine.start()
    with private_engine.client() as docker:
        left = arrange.clear(docker)
    assert not left, f"jobs left these behind: {left}"


@pytest.fixture
def docker_host(engine: PrivateEngine) -> str:
    """The private Engine's address."""
    return engine.docker_host


@pytest.fixture
def docker(engine: PrivateEngine) -> Iterator[APIClient]:
    """docker-py on the private Engine, to arrange things and to look at them."""
    with engine.client() as client:
        yield client


@pytest.fixture
def busybox(docker: APIClient) -> str:
    """The tag of the image that tests start from."""
    return images.ensure_busybox(docker)


@pytest.fixture
def make_container(docker: APIClient) -> arrange.ContainerMaker:
    """Makes containers; see `ContainerMaker.__call__`. They go away after the test."""
    return arrange.ContainerMaker(docker)


@pytest.fixture
def registry(engine: PrivateEngine, tmp_path: Path) -> Iterator[Registry]:
    """A registry that the private Engine reaches, with nothing in it."""
    path = tmp_path / "registry"
    path.mkdir()
    registry = Registry(engine, path)
    registry.start()
    yield registry
    registry.stop()


# Data and people


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Test on a database file, as in real life: one in memory locks whole tables, not writers.

    Of a PostgreSQL, each process of the run has a database with a suffix of its own.
    """
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(SCRATCH.path / "test.sqlite3")


@pytest.fixture
def data_dir(tmp_path: Path, settings: Any) -> Path:
    """A data directory that is this test's own, with its `backups`."""
    settings.DATA_DIR = tmp_path / "data"
    settings.BACKUP_DIR = settings.DATA_DIR / "backups"
    settings.BACKUP_DIR.mkdir(parents=True)
    return settings.DATA_DIR


@pytest.fixture
def admin(db: None) -> User:
    """An administrator."""
    return User.objects.create_superuser("ada", password=PASSWORD)


@pytest.fixture
def operator(db: None) -> User:
    """Somebody who may work with containers and not with the installation."""
    return somebody("otto", Role.OPERATOR)


@pytest.fixture
def viewer(db: None) -> User:
    """Somebody who may only look."""
    return somebody("vera", Role.VIEWER)


@pytest.fixture
def admin_client(admin: User) -> Client:
    """The administrator, signed in."""
    return signed_in(admin)


@pytest.fixture
def operator_client(operator: User) -> Client:
    """The operator, signed in."""
    return signed_in(operator)


@pytest.fixture
def viewer_client(viewer: User) -> Client:
    """The viewer, signed in."""
    return signed_in(viewer)


@pytest.fixture
def stranger_client(db: None) -> Client:
    """Somebody who is not signed in."""
    return Client()


def somebody(name: str, role: Role) -> User:
    user = User.objects.create_user(name, password=PASSWORD)
    give_role(user, role)
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# The program itself, and the browser


@pytest.fixture(scope="session")
def _migrated_data() -> Path:
    return migrated_data(SCRATCH.path / "migrated")


@pytest.fixture
def make_site(
    engine: PrivateEngine, _migrated_data: Path, tmp_path: Path
) -> Iterator[Callable[..., Site]]:
    """Makes sites that are this test's own, to be killed or started with other settings.

    Keyword arguments go into the environment.
    """
    made: list[Site] = []

    def make(**environment: str) -> Site:
        data_dir = shutil.copytree(_migrated_data, tmp_path / f"site{len(made)}")
        site = Site(data_dir, **{"DOCKER_HOST": engine.docker_host, **environment})
        made.append(site)
        site.start()
        return site

    yield make
    for site in made:
        site.kill()


@pytest.fixture(scope="session")
def _shared_site(private_engine: PrivateEngine, _migrated_data: Path) -> Iterator[Site]:
    data_dir = shutil.copytree(_migrated_data, SCRATCH.path / "site")
    site = Site(data_dir, DOCKER_HOST=private_engine.docker_host)
    site.start()
    copy_database(site.database, SCRATCH.path / "fresh.sqlite3")
    yield site
    site.stop()


@pytest.fixture
def site(engine: PrivateEngine, _shared_site: Site) -> Iterator[Site]:
    """The program, running as `manage.py serve` against the private Engine, and fresh.

    It is one process for all tests, because starting takes seconds. Afterwards its database is
    what it was at the start, and its archives are gone.
    """
    yield _shared_site
    _shared_site.restore(SCRATCH.path / "fresh.sqlite3")


@pytest.fixture(scope="session")
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def browser(request: pytest.FixtureRequest) -> Browser:
    """Debian's Chromium. A test has to name it or a page: `getfixturevalue` comes too late."""
    assert "browser" in request.node.fixturenames, "this test is not put last; see conftest"
    return request.getfixturevalue("_browser")


@pytest.fixture
def watch(site: Site) -> Iterator[Watch]:
    """What the pages did; the test fails where that was anything it did not expect."""
    watch = Watch(site.url)
    yield watch
    assert not watch.unexpected(), "\n".join(watch.unexpected())


@pytest.fixture
def page(browser: Browser, site: Site, watch: Watch) -> Iterator[Page]:
    """A page of the site, signed out."""
    with watched_page(browser, site.url, watch, scripts=True) as page:
        yield page


@pytest.fixture
def page_without_scripts(browser: Browser, site: Site, watch: Watch) -> Iterator[Page]:
    """The same with scripting off."""
    with watched_page(browser, site.url, watch, scripts=False) as page:
        yield page


@pytest.fixture(params=[True, False], ids=["with-scripts", "without-scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs scripts: a test that asks for this runs once with, once without."""
    return request.param


@pytest.fixture
def page_either_way(browser: Browser, site: Site, watch: Watch, scripts: bool) -> Iterator[Page]:
    """A page of the site with scripts, and in another run of the test without."""
    with watched_page(browser, site.url, watch, scripts=scripts) as page:
        yield page

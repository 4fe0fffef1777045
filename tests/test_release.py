"""What `make release` builds: the wheel as somebody gets, installs and starts it."""

import http.client
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.conf import settings

from tests.caller import Caller
from tests.site import ROOT, Site
from tools.release import wheel
from tools.release.source import take_out
from tools.wheel import data_directory, main


def built_in(directory: Path) -> Path:
    """The wheel of the commit, built in a directory of its own."""
    return wheel.build(take_out(directory / "source"), directory)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    return built_in(tmp_path_factory.mktemp("release"))


def test_another_place_time_and_umask_give_the_same_bytes(built, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    before = os.umask(0o077)
    try:
        again = built_in(tmp_path)
    finally:
        os.umask(before)
    assert again.name == built.name == f"container_monkey-{settings.VERSION}-py3-none-any.whl"
    assert again.read_bytes() == built.read_bytes()


def test_it_has_the_program_and_nothing_else(built):
    with zipfile.ZipFile(built) as archive:
        names = archive.namelist()
    program = "container_monkey/program/"
    inside = {name.removeprefix(program).split("/")[0] for name in names if program in name}
    apps = {app for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()}
    assert inside == apps | {"engine", "templates", "build", "manage.py"}
    assert [name for name in names if re.search(r"\.pyc$|/tests/|\.key$|sqlite3", name)] == []


def test_it_brings_the_versions_that_were_tested(built):
    with zipfile.ZipFile(built) as archive:
        (told,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
        needs = re.findall(r"^Requires-Dist: (\S+)", archive.read(told).decode(), re.MULTILINE)
    pins = re.findall(r"^\S+==\S+", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert set(needs) == set(pins)


def test_installed_it_serves_and_backs_up(built, tmp_path, engine, make_container):
    make_container("web", host={"binds": ["web_data:/data"]})
    site = installed(built, tmp_path, engine.docker_host)
    try:
        site.start()
        caller = Caller(lambda: http.client.HTTPConnection("127.0.0.1", site.port, timeout=120))
        caller.sign_in("monkeysee", "monkeydo")
        made = caller.done("POST", "/api/backup/web")
        caller.call("DELETE", "/api/container/web/delete?force=true")
        answers = {"filename": made["filename"], "overwrite_volumes": True}
        caller.done("POST", "/api/restore-backup", **answers)
        assert [each["name"] for each in caller.get("/api/containers")["containers"]] == ["web"]
        assert style_sheet_of(site) == 200
        said = subprocess.check_output([*site.command, "backup", "--help"], env=site.environment)
        assert said.startswith(b"usage: container-monkey backup ")
    finally:
        site.kill()


def installed(built: Path, directory: Path, docker_host: str) -> Site:
    """The program as pip installs it; the packages it needs are those of the tests."""
    place = directory / "installed"
    options = ("--quiet", "--no-deps", "--no-compile", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(place), str(built)]
    subprocess.run(command, check=True)
    site = Site(directory / "data", DOCKER_HOST=docker_host, PYTHONPATH=str(place))
    site.command = [str(place / "bin" / "container-monkey")]
    return site


def style_sheet_of(site: Site) -> int:
    """The status of the first style sheet that the page of the sign-in names."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=120)
    connection.request("GET", "/accounts/sign-in/")
    page = connection.getresponse().read().decode()
    (sheet, *_) = re.findall(r'href="(/static/css/\w+\.[0-9a-f]{12}\.css)"', page)
    connection.request("GET", sheet)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        ({"XDG_DATA_HOME": "/elsewhere"}, "/elsewhere/container-monkey"),
        ({"HOME": "/home/somebody"}, "/home/somebody/.local/share/container-monkey"),
        (
            {"HOME": "/home/somebody", "XDG_DATA_HOME": "no/whole/path"},
            "/home/somebody/.local/share/container-monkey",
        ),
    ],
)
def test_data_lies_where_a_users_data_lies(monkeypatch, environment, path):
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert data_directory() == Path(path)


@pytest.mark.parametrize(("told", "path"), [("", "/shared"), (" ", "/shared"), ("/srv", "/srv")])
def test_what_is_told_of_the_data_counts_unless_it_is_empty(monkeypatch, told, path):
    monkeypatch.setenv("CONTAINERMONKEY_DATA", told)
    monkeypatch.setattr("tools.wheel.data_directory", lambda: Path("/shared"))
    monkeypatch.setattr("manage.main", lambda: None)
    monkeypatch.setattr(sys, "path", list(sys.path))
    main()
    assert os.environ["CONTAINERMONKEY_DATA"] == path

"""The rules of the house that a machine can hold up."""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.site import ROOT

PINNED = re.compile(r"[a-z0-9-]+==\S+( +# via .+)?")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_and_no_index_is_named(name):
    lines = (ROOT / name).read_text().splitlines()
    packages = [line for line in lines if line and not line.startswith("#")]
    assert len(packages) > 10
    assert [line for line in packages if not PINNED.fullmatch(line)] == []
    assert [line for line in lines if "://" in line] == []


# Debian 12 has 3.11.2 and Debian 13, of which the image is made, 3.13.
@pytest.mark.parametrize("version", ["3.11.2", "3.11.7", "3.12.3", "3.13.5"])
def test_what_packages_need_is_pinned_for_every_python(version):
    pinned = re.findall(r"^([^\s=]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert sorted({name for name, _ in needed_with(version)} - set(pinned)) == []


def needed_with(version: str) -> set[tuple[str, str]]:
    """The names of all packages, and their extras, that a Python of this version installs."""
    python = {"python_full_version": version, "python_version": version.rpartition(".")[0]}
    lines = (ROOT / "requirements.in").read_text().splitlines()
    asked = [Requirement(line.split(" #")[0]) for line in lines if not line.startswith("#")]
    found: set[tuple[str, str]] = set()
    while asked:
        wanted = asked.pop()
        for extra in {"", *wanted.extras}:
            each = (canonicalize_name(wanted.name), extra)
            if each not in found:
                found.add(each)
                asked += needs_of(wanted.name, python | {"extra": extra})
    return found


def needs_of(package: str, environment: dict[str, str]) -> Iterator[Requirement]:
    for need in map(Requirement, requires(package) or []):
        if need.marker is None or need.marker.evaluate(environment):
            yield need


def test_every_runtime_package_has_a_reason():
    lines = (ROOT / "requirements.in").read_text().splitlines()
    assert [line for line in lines if not re.search(r"(^| )# \w", line)] == []


def test_development_has_the_same_versions_as_the_program():
    development = (ROOT / "requirements-dev.txt").read_text()
    pins = re.findall(r"^\S+==\S+", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert [
        pin for pin in pins if not re.search(rf"^{re.escape(pin)}(\s|$)", development, re.M)
    ] == []


@pytest.mark.parametrize("line", ["import docker", "from docker import APIClient"])
def test_only_the_engine_room_may_import_docker(line):
    assert "TID251" in ruff_on(line, "containers/services.py")
    assert "TID251" not in ruff_on(line, "engine/client.py")


def ruff_on(code: str, path: str) -> str:
    command = [sys.executable, "-m", "ruff", "check", "--stdin-filename", path, "-"]
    return subprocess.run(command, cwd=ROOT, input=code, capture_output=True, text=True).stdout


def test_make_has_at_most_ten_verbs_and_help_names_them():
    makefile = (ROOT / "Makefile").read_text()
    verbs = makefile.split(".PHONY:", 1)[1].splitlines()[0].split()
    shown = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True)
    assert 0 < len(verbs) <= 10
    assert [line.split()[0] for line in shown.stdout.splitlines()] == verbs


def test_ci_calls_what_people_call():
    script = (ROOT / ".ci" / "run").read_text()
    assert re.search(r"^make lint$", script, re.MULTILINE)
    assert re.search(r"^make test$", script, re.MULTILINE)

"""The rules of the house that a machine can hold up."""

import re
import subprocess
import sys

import pytest

from tests.site import ROOT

PINNED = re.compile(r"[a-z0-9-]+==\S+( +# via .+)?")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_and_no_index_is_named(name):
    lines = (ROOT / name).read_text().splitlines()
    packages = [line for line in lines if line and not line.startswith("#")]
    assert len(packages) > 10
    assert [line for line in packages if not PINNED.fullmatch(line)] == []
    assert [line for line in lines if "://" in line] == []


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

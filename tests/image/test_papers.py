"""What the image's papers say is what it is: README, compose.yaml, the labels, what goes in."""

import re
import shlex
import subprocess
from itertools import pairwise
from typing import Any

import yaml
from django.conf import settings

from tests.image.shipped import readme_command
from tests.site import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()


def composed() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_compose_starts_what_the_command_of_the_readme_starts() -> None:
    words = readme_command()
    values = [after for word, after in pairwise(words) if word in ("-p", "-v")]
    service = composed()["services"]["container-monkey"]
    assert [*service["ports"], *service["volumes"]] == values
    assert service["image"] == words[-1]
    assert composed()["volumes"]["container-monkey"]["name"] == "container-monkey"
    assert "docker compose up -d" in (ROOT / "README.md").read_text()


def test_the_image_has_the_version_of_the_program() -> None:
    assert f'org.opencontainers.image.version="{settings.VERSION}"' in DOCKERFILE


def test_the_file_can_be_read_by_every_builder() -> None:
    """BuildKit's own words are refused by those that are older."""
    assert re.findall(r"^# *syntax|--mount=|--link|--chmod=|<<", DOCKERFILE, re.MULTILINE) == []


def test_what_git_does_not_keep_goes_into_no_image() -> None:
    """Data and keys above all: the context of the build is the whole directory."""
    left_out = (ROOT / ".dockerignore").read_text().splitlines()
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()]
    folders = [line for line in ignored if line and not line.startswith((".", "#", "*", "bench"))]
    assert "data" in folders
    assert [name for name in folders if name not in left_out and f"**/{name}" not in left_out] == []


def test_compose_reads_its_file() -> None:
    command = shlex.split("docker-compose --file compose.yaml config --quiet")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

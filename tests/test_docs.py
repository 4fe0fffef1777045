"""The papers say what the program does."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
OWN_APPS = {path.parent.name for path in ROOT.glob("*/__init__.py")}
INNER_COMMANDS = {"build_assets", "run_jobs", "serve"}


def test_the_changelog_begins_with_this_version() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == settings.VERSION


def test_the_project_has_the_same_version() -> None:
    assert f'version = "{settings.VERSION}"' in (ROOT / "pyproject.toml").read_text()


def variables() -> list[str]:
    source = (ROOT / "containermonkey" / "settings.py").read_text()
    return re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source)


@pytest.mark.parametrize("variable", variables())
def test_every_setting_is_in_the_readme(variable: str) -> None:
    assert f"`{variable}`" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize(
    "command", [name for name, app in get_commands().items() if app in OWN_APPS]
)
def test_every_command_is_in_the_papers(command: str) -> None:
    papers = ["ARCHITECTURE.md"] if command in INNER_COMMANDS else ["README.md"]
    assert any(f"manage.py {command}" in (ROOT / paper).read_text() for paper in papers)


def test_every_picture_in_the_readme_is_there() -> None:
    for picture in re.findall(r"\]\((docs/[^)]+)\)", (ROOT / "README.md").read_text()):
        assert (ROOT / picture).is_file(), picture

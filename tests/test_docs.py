"""The papers say what the program does."""

import inspect
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from backups.hooks import labels
from tools import api_paper

ROOT = Path(__file__).resolve().parent.parent
OWN_APPS = {path.parent.name for path in ROOT.glob("*/__init__.py")}
FOR_TESTS = ("ROOT", "DATABASE_URL", "ENGINE")
INNER_COMMANDS = {"build_assets", "run_jobs", "serve"}


def test_the_changelog_begins_with_this_version() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == settings.VERSION


def test_the_project_has_the_same_version() -> None:
    assert f'version = "{settings.VERSION}"' in (ROOT / "pyproject.toml").read_text()
    for name in ("package.json", "package-lock.json"):
        assert json.loads((ROOT / name).read_text())["version"] == settings.VERSION


def variables() -> list[str]:
    source = (ROOT / "containermonkey" / "settings.py").read_text()
    return re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source)


@pytest.mark.parametrize("variable", variables())
def test_every_setting_is_in_its_paper(variable: str) -> None:
    assert f"`{variable}`" in (ROOT / "docs" / "settings.md").read_text()


@pytest.mark.parametrize(
    "command", [name for name, app in get_commands().items() if app in OWN_APPS]
)
def test_every_command_is_in_the_papers(command: str) -> None:
    papers = (
        ["ARCHITECTURE.md"] if command in INNER_COMMANDS else ["docs/commands.md", "docs/users.md"]
    )
    assert any(f"manage.py {command}" in (ROOT / paper).read_text() for paper in papers)


PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def test_every_call_of_the_api_is_in_its_paper() -> None:
    assert api_paper.TARGET.read_text() == api_paper.paper(), "python -m tools.api_paper"
    assert "|  |" not in api_paper.paper(), "a call without a description"


def test_every_label_is_in_the_recipes() -> None:
    source = inspect.getsource(labels)
    read = set(re.findall(r'(?:labels\.get|program)\((?:labels, )?"(\w+)"', source))
    assert {"pre", "post", "timeout", "user", "workdir"} <= read
    text = (ROOT / "docs" / "recipes.md").read_text()
    assert all(f"`{labels.PREFIX}{name}`" in text for name in read), read


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.name)
def test_what_a_paper_links_to_is_there(paper: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^):#]*)#?([^):]*)\)", paper.read_text()):
        linked = paper.parent / target if target else paper
        assert linked.is_file(), target
        assert not anchor or anchor in anchors(linked), f"{target}#{anchor}"


def anchors(paper: Path) -> list[str]:
    """What the headings of a paper are called in links."""
    headings = re.findall(r"^#+ (.+)$", paper.read_text(), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.name)
def test_a_paper_names_no_command_or_setting_that_is_none(paper: Path) -> None:
    text = paper.read_text()
    named = set(re.findall(r"manage\.py ([a-z_]+)", text))
    assert named <= set(get_commands()), named - set(get_commands())
    settings_named = set(re.findall(r"`?(CONTAINERMONKEY_[A-Z_]+)`?", text))
    known = {*variables(), *(f"CONTAINERMONKEY_TEST_{it}" for it in FOR_TESTS)}
    assert settings_named <= known, settings_named - known


def test_every_paper_is_found_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for paper in (ROOT / "docs").glob("*.md"):
        assert f"](docs/{paper.name})" in readme, paper.name


def quotations() -> list[str]:
    """What people see, as the paper for trouble quotes it; `…` stands for anything."""
    rows = (ROOT / "docs" / "troubleshooting.md").read_text().split("|---")[-1].splitlines()
    return [said for row in rows if row.startswith("| “") for said in re.findall("“(.+?)”", row)]


@pytest.mark.parametrize("quotation", quotations())
def test_what_the_paper_for_trouble_quotes_is_said(quotation: str) -> None:
    pattern = re.compile(r".{1,60}".join(map(re.escape, quotation.split("…"))))
    sources = [*ROOT.glob("[a-z]*/**/*.py"), *ROOT.glob("templates/**/*.html")]
    assert any(
        pattern.search(path.read_text())
        for path in sources
        if path.relative_to(ROOT).parts[0] in {*OWN_APPS, "engine", "templates"}
        and path.relative_to(ROOT).parts[0] != "tests"
    )

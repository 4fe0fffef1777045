from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from containermonkey import assets
from containermonkey.assets import AssetError, build, icons_named

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256"><path d="{}"/></svg>'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one template, and the packages that are taken from."""
    packages = tmp_path / "node_modules"
    for path in assets.FILES.values():
        put(packages / path, f"// {path}\n//# sourceMappingURL=somewhere.map\n")
    for name in assets.LICENCES:
        put(packages / name / "LICENSE", f"Licence of {name}")
    for name in ("regular/cube", "fill/cube-fill", "bold/plus-bold"):
        put(packages / assets.ICONS / f"{name}.svg", DRAWING.format(name))
    put(tmp_path / "templates" / "page.html", '{% icon "cube" %}')
    return tmp_path


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def vendor(root: Path, name: str) -> str:
    return (root / "static" / "vendor" / name).read_text()


def test_only_named_icons_are_in_the_sprite(root):
    build(root)
    sprite = vendor(root, "icons.svg")
    assert sprite.count("<symbol") == 1
    assert '<symbol id="i-cube" viewBox="0 0 256 256"><path d="regular/cube"/></symbol>' in sprite


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("templates/a/page.html", '{% icon "cube-fill" %}'),
        ("templates/a/page.html", '{% icon_button "cube-fill" "Fill it" %}'),
        ("templates/a/page.html", '{% include "x.html" with icon="cube-fill" %}'),
        ("app/looks.py", 'Look("Full", icon="cube-fill")'),
        ("app/looks.py", 'Entry("Full", tab_icon="cube-fill")'),
    ],
)
def test_icons_are_found_wherever_they_are_named(path, text, root):
    put(root / path, text)
    assert set(icons_named(root)) == {"cube", "cube-fill"}


def test_icons_that_tests_name_are_not_served(root):
    put(root / "tests" / "test_a.py", 'icon="nothing"')
    build(root)


def test_a_weight_is_taken_from_its_folder(root):
    put(root / "templates" / "page.html", '{% icon "plus-bold" %}')
    build(root)
    assert 'd="bold/plus-bold"' in vendor(root, "icons.svg")


@pytest.mark.parametrize("name", ["no-such-icon", "../regular/cube", "Cube"])
def test_an_unknown_icon_stops_the_build_and_is_named_with_its_place(name, root):
    put(root / "templates" / "page.html", f'{{% icon "{name}" %}}')
    with pytest.raises(AssetError, match=r"templates/page\.html names the icon"):
        build(root)


def test_source_map_lines_are_left_out(root):
    build(root)
    assert vendor(root, "htmx.min.js") == "// htmx.org/dist/htmx.min.js\n"


def test_a_second_build_writes_nothing(root):
    assert build(root).written
    assert build(root).written == []


def test_what_is_no_longer_taken_goes_away(root):
    build(root)
    put(root / "static" / "vendor" / "old.js", "")
    put(root / "static" / "vendor" / ".stamp", "")
    assert [path.name for path in build(root).removed] == ["old.js"]
    assert (root / "static" / "vendor" / ".stamp").exists()


def test_the_licences_go_along(root):
    build(root)
    assert all(f"Licence of {name}" in vendor(root, "LICENCES.txt") for name in assets.LICENCES)


def test_a_missing_file_is_named(root):
    (root / "node_modules" / assets.FILES["hx-ws.min.js"]).unlink()
    with pytest.raises(AssetError, match=r"node_modules/htmx\.org/dist/ext/hx-ws\.min\.js"):
        build(root)


def test_the_command_says_what_to_do_without_packages(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    with pytest.raises(CommandError, match="npm ci"):
        call_command("build_assets", stdout=StringIO())


def test_the_sprite_that_is_served_has_every_icon_that_is_named():
    sprite = vendor(settings.BASE_DIR, "icons.svg")
    named = icons_named(settings.BASE_DIR)
    assert [name for name in named if f'id="i-{name}"' not in sprite] == []


def test_the_lock_file_names_no_registry():
    lock = (settings.BASE_DIR / "package-lock.json").read_text()
    assert '"integrity"' in lock
    assert '"resolved"' not in lock

"""Rules of the style sheets and templates that no browser reports."""

import re
from pathlib import Path

import pytest
from django.conf import settings

CSS = sorted((settings.BASE_DIR / "static" / "css").glob("*.css"))
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
LAYERS = ("reset", "tokens", "base", "components", "layout", "pages", "utilities")


def rules_of(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)


def selectors_of(path: Path) -> list[str]:
    return [selector.strip() for selector in re.findall(r"([^{};]+)\{", rules_of(path))]


@pytest.mark.parametrize("path", CSS, ids=lambda path: path.name)
def test_no_rule_hangs_on_an_id(path):
    assert [text for text in selectors_of(path) if re.search(r"#[a-zA-Z]", text)] == []


@pytest.mark.parametrize("path", CSS, ids=lambda path: path.name)
def test_every_layer_is_a_known_one(path):
    named = re.findall(r"@layer (\w+)\s*\{", rules_of(path))
    assert set(named) <= set(LAYERS)


@pytest.mark.parametrize("path", CSS, ids=lambda path: path.name)
def test_importance_is_for_reduced_motion_and_print(path):
    if path.name == "utilities.css":
        assert rules_of(path).count("!important") == 4
    else:
        assert "!important" not in rules_of(path)


@pytest.mark.parametrize("path", CSS, ids=lambda path: path.name)
def test_colours_come_from_the_tokens(path):
    if path.name == "tokens.css":
        return
    found = re.findall(r"#[0-9a-f]{3,8}\b|\brgb\([^)]*\)", rules_of(path))
    # The mark of the program looks the same in both schemes.
    assert set(found) <= {"#ffffff", "#7b74ff", "#4338ca", "rgb(255 255 255 / .18)"} | {
        "rgb(255 255 255 / .3)"
    }


WORDS = [
    *[(word, ground) for word in ("text", "text-2", "text-3") for ground in ("surface", "bg")],
    *[("accent", ground) for ground in ("surface", "accent-soft")],
    *[(tone, f"{tone}-soft") for tone in ("ok", "warn", "bad", "info", "idle")],
    *[
        ("on-accent", f"{fill}{on}")
        for fill in ("accent-fill", "danger-fill")
        for on in ("", "-hi")
    ],
]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("words", "ground"), WORDS)
def test_words_stand_out_from_their_ground(words, ground, scheme):
    assert contrast(token(words, scheme), token(ground, scheme)) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_borders_of_fields_can_be_seen(scheme):
    assert contrast(token("line-hi", scheme), token("surface", scheme)) >= 3


def token(name: str, scheme: int) -> str:
    rules = rules_of(settings.BASE_DIR / "static" / "css" / "tokens.css")
    found = re.search(rf"--{name}: (?:light-dark\()?([^;)]+)", rules)
    assert found, name
    return found[1].split(", ")[scheme if ", " in found[1] else 0]


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    shares = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_style_sheet_is_linked():
    pages = "".join(path.read_text() for path in TEMPLATES)
    assert [path.name for path in CSS if f"'css/{path.name}'" not in pages] == []


def test_every_class_of_the_templates_has_a_rule():
    known = {name for path in CSS for name in re.findall(r"\.([a-zA-Z][\w-]*)", rules_of(path))}
    missing = set()
    for path in TEMPLATES:
        without_tags = re.sub(r"\{[%{].*?[%}]\}", " ", path.read_text())
        for names in re.findall(r'class="([^"]*)"', without_tags):
            missing |= {f"{path.name}: {name}" for name in names.split() if name not in known}
    assert missing == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.parent.name + "/" + path.name)
def test_templates_have_nothing_that_the_content_security_policy_refuses(path):
    text = path.read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|hx-on|=[\"']js:|javascript:", text)
    assert not re.search(r"<script(?![^>]*(\ssrc=|application/json))", text)
    assert not re.search(r"\shx-(?!partial)", text.replace("data-hx-", ""))

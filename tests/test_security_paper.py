"""SECURITY.md promises what the program does."""

import re

from django.conf import settings

from tests.test_docs import ROOT, variables

PAPER = (ROOT / "SECURITY.md").read_text()
APPS = ("engine", "containers", "volumes", "images", "networks", "backups", "stats", "system")
# docker-py reads these itself.
DOCKERS = {"DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"}
ASKED = re.compile(r'(?:_url\(|"(?:GET|POST|PUT|DELETE)",) ?f?"(/[^"]+)"')


def test_every_setting_in_it_exists() -> None:
    named = set(re.findall(r"\b(?:CONTAINERMONKEY|DOCKER)_[A-Z_]+\b", PAPER))
    assert "CONTAINERMONKEY_TRUSTED_PROXIES" in named
    assert named - DOCKERS <= set(variables())


def test_every_key_file_in_it_is_one_of_ours() -> None:
    for name in re.findall(r"\b[a-z]+\.key\b", PAPER):
        assert (settings.BASE_DIR / "containermonkey" / "settings.py").read_text().count(name)


def allowed() -> set[str]:
    """The Engine's paths in the lists, with `*` for what varies."""
    blocks = re.findall(r"```\n((?:GET|POST) .*?)```", PAPER, re.DOTALL)
    return {plain(path) for path in re.findall(r"/\S+", " ".join(blocks))}


def plain(path: str) -> str:
    return re.sub(r"\{.*?\}", "*", path)


def test_the_lists_of_what_the_engine_is_asked_are_whole() -> None:
    asked = set()
    for app in APPS:
        for source in (ROOT / app).rglob("*.py"):
            asked |= {plain(path) for path in ASKED.findall(source.read_text())}
    assert {"/containers/*/archive", "/events", "/exec/*/resize"} <= asked
    asked.discard("/containers/*/*")  # the verbs, which are listed one by one
    assert asked <= allowed()

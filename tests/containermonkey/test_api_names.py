"""What pages lead to by the name of an address of the API is one address."""

import re
from collections import Counter
from pathlib import Path

from containermonkey.api import api

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "backups", "containers", "images", "jobs", "networks", "stacks", "volumes")
NAMED = re.compile(r"""["']api:([a-z_]+)["']""")


def names_in_use() -> set[str]:
    sources = [*(ROOT / "templates").rglob("*.html")]
    sources += [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    return {name for path in sources for name in NAMED.findall(path.read_text())}


def test_each_name_is_that_of_one_address():
    used = names_in_use()
    assert {"upload", "download", "download_all", "download_content"} <= used
    routes = Counter(pattern.name for pattern in api.urls[0])
    assert {name: routes[name] for name in used} == dict.fromkeys(used, 1)

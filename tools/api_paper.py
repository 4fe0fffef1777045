"""Writes `docs/api.md` from the API's own schema: `.venv/bin/python -m tools.api_paper`."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import django

TARGET = Path(__file__).resolve().parent.parent / "docs" / "api.md"
HEAD = """\
# The JSON API

Written by `tools/api_paper.py` from the schema itself, which is at `/api/openapi.json`; `/api/docs`
describes every field. Who may call what goes by the same rights as the pages.

- Bring a token, `Authorization: Bearer cm_…`, made under *API tokens*; or sign in with
  `POST /api/login` and keep its cookie, and send the CSRF token of `GET /api/auth-status` as
  `X-CSRFToken` with everything that changes something.
- Bodies are JSON, uploads are forms with the field `file`. What the deletion of a container,
  volume or image is to be done with may stand in the query or in a body.
- An error is `{"error": "a sentence", "code": "for_programs"}`, with `fields` where members are at
  fault (`{"name": "what is wrong with it"}`), and with the status that HTTP has for it: 400 wrong
  input, 401 not signed in, 403 not allowed, 404 not there, 409 in the way, 429 too often, 503 the
  Engine or the database is away.
- What takes long answers with a job at once: `/api/backup-progress/<progress_id>` is how far it is.

## Sockets

They take the cookie of a session and an `Origin` that is the site's own. What pages get are pieces
of HTML; with `?format=json` each text message is a JSON object.

- `/ws/progress`: every change of a job, as `/api/backup-progress/<progress_id>` tells it.
- `/ws/system`: the host's figures every five seconds, as `/api/system-stats` tells them.
- `/ws/containers/<id>/logs`: a line as `stream`, `time` and `line`. Query: `tail`, `since`,
  `until`, `search`, `follow`, and `after`, the last `time` known.
- `/ws/stacks/<name>/logs`: the same of all containers of a stack, and `service` in the query for
  those of one. A line has its `container` too; `after` is left to our own pages.
- `/ws/containers/<id>/exec`: a terminal. Binary messages are its bytes, both ways; text is JSON:
  `{"type": "resize", "cols", "rows"}` to it, `{"type": "exit", "code"}` or
  `{"type": "error", "message"}` from it. Query: `command`, `user`, `workdir`, `cols`, `rows`.
"""


def paper() -> str:
    """The whole text: a table for each group of calls."""
    from containermonkey.api import api

    groups: dict[str, list[str]] = {}
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, call in methods.items():
            groups.setdefault(call["tags"][0], []).append(row(method, path, call))
    return HEAD + "".join(table(name, rows) for name, rows in groups.items())


def row(method: str, path: str, call: dict[str, Any]) -> str:
    said = " ".join(call.get("description", "").split("\n\n")[0].split())
    address = path.replace("{", "<").replace("}", ">")
    return f"| `{method.upper()} {address}` | {said} |\n"


def table(name: str, rows: Iterable[str]) -> str:
    return f"\n## {name}\n\n| call | |\n|---|---|\n{''.join(rows)}"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "containermonkey.settings")
    django.setup()
    TARGET.write_text(paper())

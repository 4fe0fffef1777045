"""Counting what the program asks of the Engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests


@contextmanager
def recorded_calls() -> Iterator[list[str]]:
    """The calls of the Engine inside the block, as `GET /v1.41/containers/json`."""
    calls: list[str] = []
    send = requests.Session.send

    def recording(session: requests.Session, request: Any, **options: Any) -> requests.Response:
        calls.append(f"{request.method} {request.path_url.partition('?')[0]}")
        return send(session, request, **options)

    requests.Session.send = recording  # type: ignore[method-assign]
    try:
        yield calls
    finally:
        requests.Session.send = send  # type: ignore[method-assign]

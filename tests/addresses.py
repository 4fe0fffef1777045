"""Everything that the program answers at, found in its own site map."""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.urls.exceptions import Resolver404
from django.utils.regex_helper import normalize

METHODS = ("get", "post", "put", "patch", "delete")
SAFE = "get"

SAMPLES = (
    "1",
    "x",
    "auth",
    "nowhere",
    "1f0e7c1e-5f6b-4a52-9d3f-0d6c0a1b2c3d",
    "web_20260102_030405.tar.gz",
)
"""What stands for the variable parts of addresses; one of them has to fit each."""


@dataclass(frozen=True)
class Address:
    name: str
    path: str
    is_api: bool

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True)
class Operation:
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def addresses() -> list[Address]:
    """An address for each pattern of the site map, pages and API alike.

    The API's methods of one address are patterns of their own, alike but for the first.
    """
    first = dict(reversed(list(routes(get_resolver()))))
    return [example(route, view) for route, view in first.items()]


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        route = prefix + entry.pattern.regex.pattern.removeprefix("^")
        if isinstance(entry, URLPattern):
            yield route, entry.callback
        else:
            yield from routes(entry, re.sub(r"(\$|\\Z)$", "", route))


def example(route: str, view: Any) -> Address:
    """An address that leads to `view` and to no pattern before it."""
    form, names = normalize(route.replace(".*", "(?P<rest>.*)") if "(" not in route else route)[0]
    for values in itertools.product(SAMPLES, repeat=len(names)):
        path = "/" + form % dict(zip(names, values, strict=True))
        try:
            match = resolve(path)
        except Resolver404:
            continue
        if match.func is view:
            return Address(match.view_name, path, "ninja" in match.app_names)
    raise LookupError(f"No address leads to {route}: one of SAMPLES has to fit it.")


def operations() -> list[Operation]:
    """Everything that the OpenAPI schema describes; HEAD, whose errors have no body, apart."""
    from containermonkey.api import api

    paths = api.get_openapi_schema()["paths"]
    return [
        Operation(method, re.sub(r"\{[^}]+\}", "x", path))
        for path, described in paths.items()
        for method in described
        if method != "head"
    ]


def sockets() -> list[str]:
    """An address of every WebSocket."""
    from containermonkey.asgi import protocols

    layer = protocols.application_mapping["websocket"]
    while not hasattr(layer, "routes"):
        layer = layer.inner
    forms = [normalize(route.pattern.regex.pattern)[0][0] for route in layer.routes]
    return ["/" + form % defaultdict(lambda: "x") for form in forms if form]

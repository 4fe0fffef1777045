"""Requests made up from the API's own description: some as it says, some as nobody would."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from tests.backups.odd_names import ODD_NAMES

JSON, FILES = "application/json", "multipart/form-data; boundary=edge"

Schema = dict[str, Any]
Values = st.SearchStrategy[Any]

NUMBERS = [0, -1, 1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**40]
ODD_TEXTS = st.sampled_from(
    [
        *ODD_NAMES,
        "",
        "\ud800",
        "0" * 64,
        "sha256:" + "0" * 64,
        "٣",
        "1e9",
        "*",
        "\N{COMBINING ACUTE ACCENT}",
    ]
)
TEXTS = ODD_TEXTS | st.text(max_size=40)
PLAIN = st.none() | st.booleans() | st.sampled_from(NUMBERS) | st.floats() | TEXTS
ANYTHING = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)
BODIES = st.sampled_from(
    [b"", b"{", b"null", b"[]", b'{"a":1,"a":2}', b"\xff\xfe", b"NaN", b"[" * 2000, b'"\\ud800"']
)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: bytes = b""
    content_type: str = JSON

    def __str__(self) -> str:
        return f"{self.method} {self.path[:300]} {self.content_type} {self.body[:300]!r}"


@dataclass(frozen=True)
class Operation:
    """An operation of the description. `names` are what is on the host, to come upon it."""

    method: str
    path: str
    described: Schema
    schemas: Schema = field(repr=False)
    names: list[str] = field(repr=False)

    def requests(self) -> st.SearchStrategy[Request]:
        return st.builds(
            self._request,
            st.fixed_dictionaries({name: self._part() for name in self._in("path")}),
            self._query(),
            self._body(),
        )

    def _request(
        self, parts: dict[str, str], query: list[tuple[str, str]], body: tuple[bytes, str]
    ) -> Request:
        filled = {name: quote(value, safe="", errors="replace") for name, value in parts.items()}
        path = self.path.format(**filled)
        asked = urlencode(query, errors="replace")
        return Request(self.method, f"{path}?{asked}" if asked else path, *body)

    def _in(self, place: str) -> dict[str, Schema]:
        found = self.described.get("parameters") or []
        return {each["name"]: each["schema"] for each in found if each["in"] == place}

    def _part(self) -> Values:
        return st.sampled_from(self.names) | st.sampled_from(self.names) | TEXTS.filter(bool)

    def _query(self) -> Values:
        known = self._in("query")
        pairs = [st.tuples(st.just(name), self._of(known[name]).map(as_query)) for name in known]
        odd = st.tuples(TEXTS, TEXTS)
        return st.lists(st.one_of(*pairs, odd) if pairs else odd, max_size=4)

    def _body(self) -> st.SearchStrategy[tuple[bytes, str]]:
        if self.method in ("get", "head"):
            return st.just((b"", JSON))
        content = (self.described.get("requestBody") or {}).get("content") or {}
        odd = st.tuples(BODIES, st.sampled_from([JSON, "text/plain", FILES, ""]))
        if JSON in content:
            fitting = self._of(content[JSON]["schema"]).map(as_json)
            return st.tuples(fitting, st.just(JSON)) | st.tuples(fitting, st.just(JSON)) | odd
        if content:
            return st.tuples(st.builds(as_file, TEXTS, st.binary(max_size=200)), st.just(FILES))
        return st.just((b"", JSON)) | odd

    def _of(self, schema: Schema) -> Values:
        """Values as the schema has them, and now and then anything."""
        return st.one_of(*[self._fitting(schema)] * 4, ANYTHING)

    def _fitting(self, schema: Schema) -> Values:
        if "$ref" in schema:
            return self._fitting(self.schemas[schema["$ref"].rpartition("/")[2]])
        if "enum" in schema or "const" in schema:
            return st.sampled_from(schema.get("enum") or [schema["const"]])
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                return st.one_of([self._fitting(each) for each in schema[several]])
        make = getattr(self, f"_{schema.get('type', 'any')}", None)
        return make(schema) if make else ANYTHING

    def _object(self, schema: Schema) -> Values:
        properties, required = schema.get("properties") or {}, set(schema.get("required") or ())
        needed = {name: self._of(each) for name, each in properties.items() if name in required}
        others = {name: self._of(each) for name, each in properties.items() if name not in required}
        if properties:
            return st.fixed_dictionaries(needed, optional=others)
        extra = schema.get("additionalProperties")
        inner = self._of(extra) if isinstance(extra, dict) else ANYTHING
        return st.dictionaries(st.sampled_from(self.names) | TEXTS, inner, max_size=4)

    def _array(self, schema: Schema) -> Values:
        return st.lists(self._of(schema.get("items") or {}), max_size=4)

    def _string(self, schema: Schema) -> Values:
        if schema.get("format") in ("uuid", "date-time"):
            return st.uuids().map(str) | st.datetimes().map(str) | TEXTS
        return st.sampled_from(self.names) | TEXTS

    def _integer(self, schema: Schema) -> Values:
        least, most = schema.get("minimum", -5), schema.get("maximum", 2**64)
        return st.integers(least, most) | st.sampled_from(NUMBERS)

    def _number(self, schema: Schema) -> Values:
        return st.floats() | st.sampled_from(NUMBERS)

    def _boolean(self, schema: Schema) -> Values:
        return st.booleans()

    def _null(self, schema: Schema) -> Values:
        return st.none()


def as_query(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def as_file(name: str, content: bytes) -> bytes:
    """A form with a file; a name with quotes or ends of lines breaks out of its head."""
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"'
    return (
        b"--edge\r\n" + head.encode(errors="replace") + b"\r\n\r\n" + content + b"\r\n--edge--\r\n"
    )


def operations(names: list[str]) -> Iterator[Operation]:
    """Everything that the API describes."""
    from containermonkey.api import api

    schema = api.get_openapi_schema()
    for path, described in schema["paths"].items():
        for method, operation in described.items():
            path = re.sub(r"\{[a-z]+:", "{", path)
            yield Operation(method, path, operation, schema["components"]["schemas"], names)

"""The description of the API tells the members that each body really has."""

from typing import Any

import pytest

from containermonkey.api import api
from containermonkey.openapi import PREFIX


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return api.get_openapi_schema()


def body_of(described: dict[str, Any], path: str) -> dict[str, Any]:
    body = described["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    reference = next(each["$ref"] for each in body.get("anyOf", [body]) if "$ref" in each)
    return described["components"]["schemas"][reference.removeprefix(PREFIX)]


@pytest.mark.parametrize(
    ("path", "members"),
    [
        ("/api/images/delete", {"ids", "force"}),
        ("/api/networks/delete", {"ids"}),
        ("/api/volumes/delete", {"names", "force"}),
        ("/api/networks/prune", {"dry_run", "ids"}),
        ("/api/volumes/prune", {"all", "dry_run", "names"}),
        ("/api/volumes/create", {"name", "driver", "options", "labels"}),
    ],
)
def test_bodies_of_one_name_in_different_rooms_are_told_apart(
    described: dict[str, Any], path: str, members: set[str]
) -> None:
    assert set(body_of(described, path)["properties"]) == members


def test_a_network_is_described_with_its_address_pools(described: dict[str, Any]) -> None:
    assert "ipam" in body_of(described, "/api/networks/create")["properties"]


def references_in(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(references_in, value))
    if not isinstance(value, dict):
        return set()
    own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
    return own.union(*map(references_in, value.values()))


def test_every_reference_leads_to_a_schema(described: dict[str, Any]) -> None:
    known = {PREFIX + name for name in described["components"]["schemas"]}

    assert references_in(described) <= known


def test_no_schema_is_described_twice(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    doubled = [
        name for name in schemas if name[-1].isdigit() and schemas[name] == schemas.get(name[:-1])
    ]

    assert not doubled

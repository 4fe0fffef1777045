"""Networks as JSON."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from networks import deleting, queries
from networks.types import Network

router = Router(tags=["Networks"])


class NetworkList(Schema):
    networks: list[Network]


class Deleted(Schema):
    success: bool = True


@router.get("/networks", response=NetworkList)
def list_networks(request: HttpRequest, search: str = Query("", max_length=300)) -> dict[str, Any]:
    """The networks of the host, with the containers that are on them, running or not."""
    return {"networks": queries.list_networks(search)}


@router.delete("/network/{name}/delete", response=Deleted)
def delete(request: HttpRequest, name: str) -> dict[str, Any]:
    """Delete a network; `name` is its name or id.

    One of Docker's own, or one that containers are on, is a 409.
    """
    deleting.delete_network(name)
    return {}

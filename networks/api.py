"""Networks as JSON. A network or container is named by id, unambiguous beginning of it, or name."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from accounts.rights import needs
from containermonkey.schemas import Deleted
from networks import connecting, creating, deleting, queries, schemas
from networks.creating import NewNetwork
from networks.details import network_details
from networks.types import NetworkDetails, Pool, Wish

router = Router(tags=["Networks"])


@router.get("/networks", response=schemas.NetworkList)
def list_networks(request: HttpRequest, search: str = Query("", max_length=300)) -> dict[str, Any]:
    """The networks of the host, with the containers that are on them, running or not."""
    return {"networks": queries.list_networks(search)}


@router.post("/networks/create", response={201: schemas.CreatedNetwork})
@needs("network.create")
def create(request: HttpRequest, body: schemas.CreateBody) -> Status:
    """Make a network. Subnets are looked at first; a name or subnet that is taken is a 409.

    `report` says every way in which the network is not what was asked for.
    """
    values = body.dict() | {"pools": [Pool(**each.dict()) for each in body.ipam.config]}
    values.pop("ipam")
    made = creating.create_network(NewNetwork(**values))
    return Status(201, asdict(made.network) | {"report": made.report})


@router.post("/networks/delete", response=schemas.Results)
@needs("network.delete")
def delete_several(request: HttpRequest, body: schemas.DeleteBody) -> schemas.Results:
    """Delete several networks; one that cannot be deleted stops no other."""
    return schemas.Results(results=deleting.delete_networks(body.ids))


@router.post("/networks/prune", response=schemas.PrunedOut)
@needs("network.prune")
def prune(request: HttpRequest, body: schemas.PruneBody) -> schemas.PrunedOut:
    """Delete the networks that no container, running or not, and no service is on.

    With `dry_run` they are only named. Docker's own, the swarm's, Container Monkey's own and those
    that only hold settings for others always stay.
    """
    if body.dry_run:
        return schemas.PrunedOut(networks=deleting.unused_networks(), results=[])
    pruned = deleting.prune_networks(body.ids)
    return schemas.PrunedOut(networks=pruned.networks, results=pruned.results)


@router.get("/network/{name}", response=NetworkDetails)
def detail(request: HttpRequest, name: str) -> NetworkDetails:
    """A network; `kept` says why it cannot be deleted, `closed` why nobody can be connected.

    Both are null where it can be done. The aliases of its containers are null where there are more
    than 20 of these.
    """
    return network_details(name)


@router.post("/network/{name}/connect", response=schemas.ConnectedOut)
@needs("network.connect")
def connect(request: HttpRequest, name: str, body: schemas.ConnectBody) -> Any:
    """Connect a container, running or not; `changed` is false where it was on it already."""
    wish = Wish(body.aliases, body.ipv4_address or "", body.ipv6_address or "")
    return connecting.connect_container(name, body.container, wish)


@router.post("/network/{name}/disconnect", response=schemas.DisconnectedOut)
@needs("network.disconnect")
def disconnect(request: HttpRequest, name: str, body: schemas.DisconnectBody) -> Any:
    """Disconnect a container; `changed` is false where it was not on the network.

    `remaining` are the networks that it is still on. `force` is the Engine's own: it also takes
    away what a container left that is not there any more.
    """
    return connecting.disconnect_container(name, body.container, force=body.force)


@router.delete("/network/{name}/delete", response=Deleted)
@needs("network.delete")
def delete(request: HttpRequest, name: str) -> dict[str, Any]:
    """Delete a network. One of Docker's own, or one that containers are on, is a 409."""
    deleting.delete_network(name)
    return {}

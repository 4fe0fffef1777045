"""Volumes as JSON."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from volumes import deleting
from volumes.deleting import MOST, Result
from volumes.listing import list_volumes
from volumes.types import Volume

router = Router(tags=["Volumes"])

Name = Annotated[str, Field(min_length=1, max_length=255)]


class VolumeList(Schema):
    volumes: list[Volume]


class Deleted(Schema):
    success: bool = True


class DeleteBody(Schema):
    model_config = ConfigDict(extra="forbid")

    names: Annotated[list[Name], Field(min_length=1, max_length=MOST)]
    force: bool = False


class Results(Schema):
    results: list[Result]


@router.get("/volumes", response=VolumeList)
def volumes(
    request: HttpRequest, search: str = Query("", max_length=300), sizes: bool = False
) -> dict[str, Any]:
    """The volumes of the host. With `sizes` the Engine walks all of them, which may take long."""
    return {"volumes": list_volumes(search, sizes=sizes)}


@router.delete("/volume/{name}/delete", response=Deleted)
def delete(request: HttpRequest, name: str, force: bool = False) -> dict[str, Any]:
    """Delete a volume and what is in it. One that a container mounts is a 409.

    `force` is the Engine's own: it deletes also where the driver says that the volume is gone.
    """
    deleting.delete_volume(name, force=force)
    return {}


@router.post("/volumes/delete", response=Results)
def delete_several(request: HttpRequest, body: DeleteBody) -> Results:
    """Delete several volumes; one that cannot be deleted stops no other."""
    return Results(results=deleting.delete_volumes(body.names, force=body.force))

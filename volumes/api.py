"""Volumes as JSON."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from accounts.rights import needs
from containermonkey.schemas import Deleted, ForceBody, Strict
from volumes import deleting
from volumes.creating import NewVolume, create_volume
from volumes.deleting import MOST, Result
from volumes.listing import list_volumes
from volumes.pruning import Pruned, prune_volumes, unused_volumes
from volumes.sizes import count_sizes
from volumes.types import Volume

router = Router(tags=["Volumes"])

Name = Annotated[str, Field(min_length=1, max_length=255)]


class VolumeList(Schema):
    volumes: list[Volume]
    sizes_counted_at: datetime | None = None


class DeleteBody(Strict):
    names: Annotated[list[Name], Field(min_length=1, max_length=MOST)]
    force: bool = False


class CreateBody(Strict):
    name: str
    driver: str = "local"
    options: dict[str, str] = {}
    labels: dict[str, str] = {}


class PruneBody(Strict):
    all: bool = False
    dry_run: bool = False
    names: Annotated[list[Name], Field(max_length=MOST)] | None = None


class PruneFailure(Schema):
    name: str
    error: str


class PrunedVolumes(Schema):
    volumes: list[Volume]
    deleted: list[str]
    failed: list[PruneFailure]
    space_reclaimed: int | None
    remaining: int


class Results(Schema):
    results: list[Result]


@router.get("/volumes", response=VolumeList)
def volumes(
    request: HttpRequest, search: str = Query("", max_length=300), sizes: bool = False
) -> dict[str, Any]:
    """The volumes of the host.

    With `sizes` the Engine walks all of them, which may take long; several who ask meanwhile
    share one walk.
    """
    counted = count_sizes() if sizes else None
    found = list_volumes(search, sizes=counted.of if counted else None)
    return {"volumes": found, "sizes_counted_at": counted.counted_at if counted else None}


@router.post("/volumes/create", response={201: Volume})
@needs("volume.create")
def create(request: HttpRequest, body: CreateBody) -> Status:
    """Make a volume; `options` are its driver's. A name that is taken is a 409.

    Options that lead into the host's own folders are refused. Whoever may look at the volume sees
    them, and so a share's password.
    """
    return Status(201, create_volume(NewVolume(**body.dict())))


@router.delete("/volume/{name}/delete", response=Deleted)
@needs("volume.delete")
def delete(
    request: HttpRequest, name: str, force: bool = False, options: ForceBody | None = None
) -> dict[str, Any]:
    """Delete a volume and what is in it. One that a container mounts is a 409.

    `force` is the Engine's own: it deletes also where the driver says that the volume is gone.
    """
    deleting.delete_volume(name, force=force or bool(options and options.force))
    return {}


@router.post("/volumes/delete", response=Results)
@needs("volume.delete")
def delete_several(request: HttpRequest, body: DeleteBody) -> Results:
    """Delete several volumes; one that cannot be deleted stops no other."""
    return Results(results=deleting.delete_volumes(body.names, force=body.force))


@router.post("/volumes/prune", response=PrunedVolumes)
@needs("volume.prune")
def prune(request: HttpRequest, body: PruneBody | None = None) -> dict[str, Any]:
    """Delete the volumes that no container mounts: those without a name, with `all` every one.

    `volumes` are those that were found, at most 500 at once; `remaining` counts the others. With
    `dry_run` nothing is deleted. `names` takes no others than these. `space_reclaimed` is null
    where the size of one of them is not known: sizes are counted by `GET /api/volumes?sizes=true`.
    """
    body = body or PruneBody()
    preview = unused_volumes(everything=body.all)
    found = [unused.volume for unused in preview.volumes]
    names = body.names if body.names is not None else [volume.name for volume in found]
    done = (
        Pruned(space=preview.space) if body.dry_run else prune_volumes(names, everything=body.all)
    )
    return {
        "volumes": found,
        "deleted": done.deleted,
        "failed": [{"name": each.name, "error": each.error} for each in done.failed],
        "space_reclaimed": done.space.exact,
        "remaining": preview.more,
    }

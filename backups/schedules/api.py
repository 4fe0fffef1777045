"""Schedules as JSON."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Status

from accounts.rights import needs
from backups.schedules import schemas, services
from backups.schedules.options import ScheduleOptions
from backups.schedules.results import outcomes, standings
from backups.schemas import DeletedOut

router = Router(tags=["Schedules"])

# SQL counts rows in 64 bits.
Key = Annotated[int, Path(ge=1, le=2**63 - 1)]


def shown(key: int) -> schemas.ScheduleOut:
    return schemas.ScheduleOut.of(standings([services.find_schedule(key)])[0])


@router.get("/schedules", response=schemas.ScheduleList)
def list_schedules(request: HttpRequest) -> dict[str, Any]:
    """All schedules, each with its last run."""
    found = standings(services.list_schedules())
    return {"schedules": [schemas.ScheduleOut.of(standing) for standing in found]}


@router.post("/schedules", response={201: schemas.ScheduleOut})
@needs("schedule.create")
def create(request: HttpRequest, asked: schemas.ScheduleIn) -> Status:
    """Make a schedule."""
    return Status(201, shown(services.create_schedule(asked.as_options(), request.user).pk))


@router.get("/schedule/{key}", response=schemas.ScheduleOut)
def read(request: HttpRequest, key: Key) -> schemas.ScheduleOut:
    """A schedule with its last run."""
    return shown(key)


@router.put("/schedule/{key}", response=schemas.ScheduleOut)
@needs("schedule.change")
def change(request: HttpRequest, key: Key, asked: schemas.ScheduleIn) -> schemas.ScheduleOut:
    """Give a schedule these options; what is left out gets its default."""
    services.change_schedule(key, asked.as_options())
    return shown(key)


@router.delete("/schedule/{key}", response=DeletedOut)
@needs("schedule.delete")
def delete(request: HttpRequest, key: Key) -> dict[str, Any]:
    """Delete a schedule. The backups that it made stay, as if they had been made by hand."""
    services.delete_schedule(key)
    return {}


@router.post("/schedule/{key}/run", response={202: schemas.ScheduleRunOut})
@needs("schedule.run")
def run(request: HttpRequest, key: Key) -> Status:
    """Run a schedule now; when it falls due by itself stays as it is."""
    [outcome] = outcomes([services.run_schedule(key, request.user)])
    return Status(202, schemas.ScheduleRunOut.of(outcome))


@router.get("/schedule/{key}/preview", response=schemas.SchedulePreviewOut)
def preview(request: HttpRequest, key: Key) -> schemas.SchedulePreviewOut:
    """When it runs next, what it covers now, and which of its backups would stay."""
    schedule = services.find_schedule(key)
    return schemas.SchedulePreviewOut.of(services.preview(ScheduleOptions.of(schedule), schedule))

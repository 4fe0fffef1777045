"""Containers as JSON."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from accounts.audit import record
from accounts.masks import hides_secrets
from accounts.rights import needs
from containers import queries, services, signals
from containers.types import Acted, Container, ContainerDetails

router = Router(tags=["Containers"])

Words = Annotated[str, Field(max_length=300)]
# A number is a signal as well, and whoever writes JSON writes it as one.
Signal = Annotated[str, Field(max_length=30, coerce_numbers_to_str=True)]
Seconds = Annotated[int | None, Field(ge=0, le=services.LONGEST_TIMEOUT)]


class ContainerFilter(Schema):
    all: bool = True
    search: Words = ""
    status: Words = ""


class ContainerList(Schema):
    containers: list[Container]


class StopOptions(Schema):
    timeout: Seconds = None


class StopBody(StopOptions):
    """The same as a body, in which a misspelt member must not be ignored in silence."""

    model_config = ConfigDict(extra="forbid")


class KillOptions(Schema):
    signal: Signal | None = None


class KillBody(KillOptions):
    model_config = ConfigDict(extra="forbid")


class NameOptions(Schema):
    name: Words | None = None


class NameBody(NameOptions):
    model_config = ConfigDict(extra="forbid")


class DeleteOptions(Schema):
    force: bool = False
    volumes: bool = False


class DeleteBody(DeleteOptions):
    model_config = ConfigDict(extra="forbid")


class ActedOut(Schema):
    success: bool = True
    changed: bool
    container: Container | None


class Done(Schema):
    success: bool = True


def acted(outcome: Acted) -> ActedOut:
    return ActedOut(changed=outcome.changed, container=outcome.container)


@router.get("/containers", response=ContainerList)
def list_containers(request: HttpRequest, asked: Query[ContainerFilter]) -> ContainerList:
    """The containers of the host; `all=false` leaves out those that do not run.

    `search` are words to be found in name, image, labels, ports or id.
    """
    found = queries.list_containers(asked.search, asked.status, include_stopped=asked.all)
    return ContainerList(containers=found)


@router.post("/container/{id}/start", response=ActedOut)
@needs("container.start")
def start(request: HttpRequest, id: str) -> ActedOut:
    """Start a container; `changed` is false where it ran already."""
    return acted(services.start_container(id))


@router.post("/container/{id}/stop", response=ActedOut)
@needs("container.stop")
def stop(
    request: HttpRequest,
    id: str,
    asked: Query[StopOptions],
    options: StopBody | None = None,
) -> ActedOut:
    """Stop a container. After `timeout` seconds (its own setting, else 10) it is killed.

    `container` is null where it was set to be removed when it stops.
    """
    return acted(services.stop_container(id, chosen(asked, options)))


@router.post("/container/{id}/restart", response=ActedOut)
@needs("container.restart")
def restart(
    request: HttpRequest,
    id: str,
    asked: Query[StopOptions],
    options: StopBody | None = None,
) -> ActedOut:
    """Stop a container if it runs, as `stop` does, and start it."""
    return acted(services.restart_container(id, chosen(asked, options)))


@router.post("/container/{id}/pause", response=ActedOut)
@needs("container.pause")
def pause(request: HttpRequest, id: str) -> ActedOut:
    """Have the processes of a container stand still; one that does not run is a 409."""
    return acted(services.pause_container(id))


@router.post("/container/{id}/unpause", response=ActedOut)
@needs("container.unpause")
def unpause(request: HttpRequest, id: str) -> ActedOut:
    """Let a paused container go on; `changed` is false where it was not paused."""
    return acted(services.unpause_container(id))


@router.post("/container/{id}/kill", response=ActedOut)
@needs("container.kill")
def kill(
    request: HttpRequest,
    id: str,
    asked: Query[KillOptions],
    options: KillBody | None = None,
) -> ActedOut:
    """Send `signal` (SIGKILL) to a container: a name such as `HUP` or `SIGHUP`, or a number."""
    signal = asked.signal or (options and options.signal) or signals.KILL
    return acted(services.kill_container(id, signal))


@router.post("/container/{id}/rename", response=ActedOut)
@needs("container.rename")
def rename(
    request: HttpRequest,
    id: str,
    asked: Query[NameOptions],
    options: NameBody | None = None,
) -> ActedOut:
    """Give a container another `name`; one that is taken is a 409."""
    return acted(services.rename_container(id, asked.name or (options and options.name) or ""))


def chosen(asked: StopOptions, options: StopBody | None) -> int | None:
    """The timeout of the query, else that of the body."""
    return options.timeout if asked.timeout is None and options else asked.timeout


@router.delete("/container/{id}/delete", response=Done)
@needs("container.delete")
def delete(
    request: HttpRequest,
    id: str,
    asked: Query[DeleteOptions],
    options: DeleteBody | None = None,
) -> Done:
    """Delete a container, with `volumes` its anonymous volumes too.

    One that runs is a 409 without `force`.
    """
    wanted = options or DeleteBody()
    force, volumes = asked.force or wanted.force, asked.volumes or wanted.volumes
    services.delete_container(id, force=force, volumes=volumes)
    return Done()


@router.get("/container/{id}/details", response=ContainerDetails)
def details(request: HttpRequest, id: str) -> ContainerDetails:
    """A container with its configuration, and the Engine's whole answer in `inspect`.

    For those who may not read secrets each `value` of the environment is null, and what looks like
    a secret is dots.
    """
    found = queries.container_details(id)
    if not hides_secrets():
        record("container.inspect", found.name)
    return found

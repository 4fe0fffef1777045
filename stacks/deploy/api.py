"""Deploying compose files, as JSON."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from accounts.audit import record
from accounts.rights import needs
from containermonkey.schemas import Strict, in_one_sentence
from containers.obstacles import Obstacle
from stacks.deploy import services
from stacks.deploy.plan import Part, PlannedService
from stacks.deploy.variables import variables_in
from stacks.models import Deployment

router = Router(tags=["Stacks"])


Environment = Annotated[
    dict[str, str] | str,
    in_one_sentence('must look like {"NAME": "value"}, or be lines of NAME=value'),
]


class DeployBody(Strict):
    """`env` is an object, or `NAME=value` lines; `name` may be left to the file's own."""

    name: Annotated[str, Field(max_length=63)] = ""
    compose: str
    env: Environment = Field(default_factory=dict)
    remove_orphans: bool = False
    dry_run: bool = False

    @property
    def variables(self) -> dict[str, str]:
        return variables_in(self.env) if isinstance(self.env, str) else self.env


class DeployPlanOut(Schema):
    """`to_pull` are the images that the host has not; `ports` are those of the host.

    `notes` say what else of the host it would reach, as its folders or its Docker socket.
    """

    name: str
    is_new: bool
    plan: list[str]
    services: list[PlannedService]
    images: list[str]
    to_pull: list[str]
    volumes: list[Part]
    networks: list[Part]
    ports: list[str]
    orphans: list[str]
    notes: list[str]
    conflicts: list[Obstacle]

    @staticmethod
    def resolve_plan(found: Any) -> list[str]:
        return found.steps


class DeployStarted(Schema):
    success: bool = True
    progress_id: UUID
    status: str
    stack: str
    version: int


@router.post("/stacks/deploy", response={200: DeployPlanOut, 202: DeployStarted})
@needs("stack_deploy.request")
def deploy(request: HttpRequest, body: DeployBody) -> Status:
    """Deploy a compose file as a stack, or with `dry_run` say what would be done.

    The file is checked before anything is touched: it may not read files of the server, and
    `${NAME}` stands for what is in `env` alone. Something in its way is a 409.
    """
    options = {"remove_orphans": body.remove_orphans}
    if body.dry_run:
        return Status(200, services.look_ahead(body.name, body.compose, body.variables, **options))
    job = services.request_deploy(
        body.name, body.compose, body.variables, user=request.user, **options
    )
    return Status(202, {"progress_id": job.progress_id, "status": job.status, **job.arguments})


class DeploymentOut(Schema):
    """`status` is that of its job; `env` are the names of its variables."""

    version: int
    created_at: datetime
    asked_by: str
    status: str
    error: str | None
    report: list[str]
    remove_orphans: bool
    env: list[str]
    progress_id: UUID | None

    @staticmethod
    def resolve_env(found: Deployment) -> list[str]:
        return [*found.env]

    @staticmethod
    def resolve_error(found: Deployment) -> str | None:
        return (found.job.error or None) if found.job else None

    @staticmethod
    def resolve_report(found: Deployment) -> list[str]:
        return found.job.result.get("report", []) if found.job else []

    @staticmethod
    def resolve_progress_id(found: Deployment) -> UUID | None:
        return found.job.progress_id if found.job else None


class DeploymentList(Schema):
    deployments: list[DeploymentOut]


class DeploymentWhole(DeploymentOut):
    """With the file and its variables as they were given; null where these cannot be read."""

    compose: str
    variables: dict[str, str] | None

    @staticmethod
    def resolve_variables(found: Deployment) -> dict[str, str] | None:
        return services.known_variables(found)


@router.get("/stack/{name}/deployments", response=DeploymentList)
@needs("stack.read_compose")
def deployments(request: HttpRequest, name: str) -> dict[str, Any]:
    """Every version of a stack that was deployed from here, the newest first."""
    found = services.deployments_of(name)
    if not found:
        services.find_deployment(name)
    return {"deployments": found}


@router.get("/stack/{name}/deployments/{version}", response=DeploymentWhole)
@needs("stack.read_compose")
def deployment(request: HttpRequest, name: str, version: int) -> Deployment:
    """One version, with its file."""
    found = services.find_deployment(name, version)
    record("stack.read_compose", name, version=found.version)
    return found


class Forgotten(Schema):
    success: bool = True
    versions: int


@router.delete("/stack/{name}/deployments", response=Forgotten)
@needs("stack.forget")
def forget(request: HttpRequest, name: str) -> Forgotten:
    """Drop every version of a stack's file; a 409 while the stack is on the host."""
    return Forgotten(versions=services.forget(name))

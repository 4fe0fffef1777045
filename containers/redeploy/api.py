"""Redeploying, as JSON."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status

from accounts.rights import needs
from containermonkey.schemas import Strict
from containers.obstacles import Obstacle
from containers.redeploy.services import look_ahead, request_redeploy

router = Router(tags=["Containers"])


class RedeployBody(Strict):
    pull: bool = True
    dry_run: bool = False


class RedeployPlanOut(Schema):
    plan: list[str]
    conflicts: list[Obstacle]


class RedeployStarted(Schema):
    success: bool = True
    progress_id: UUID
    status: str


@router.post("/container/{id}/redeploy", response={200: RedeployPlanOut, 202: RedeployStarted})
@needs("redeploy.request")
def redeploy(request: HttpRequest, id: str, options: RedeployBody | None = None) -> Status:
    """Pull the image and make the container again from it, or with `dry_run` say what would be.

    The old container comes back where the new one does not start or is not healthy in time.
    Something in its way is a 409, and nothing is changed.
    """
    options = options or RedeployBody()
    if options.dry_run:
        plan = look_ahead(id, pull=options.pull)
        return Status(200, {"plan": plan.steps, "conflicts": plan.conflicts})
    job = request_redeploy(id, pull=options.pull, user=request.user)
    return Status(202, {"progress_id": job.progress_id, "status": job.status})

"""Redeploying a stack, as JSON."""

from django.http import HttpRequest
from ninja import Router, Schema, Status

from accounts.rights import needs
from containers.redeploy.api import RedeployBody, RedeployStarted
from stacks.redeploy.services import look_ahead, request_stack_redeploy

router = Router(tags=["Stacks"])


class StackRedeployPlanOut(Schema):
    plan: list[str]


@router.post("/stack/{name}/redeploy", response={200: StackRedeployPlanOut, 202: RedeployStarted})
@needs("stack_redeploy.request")
def redeploy(request: HttpRequest, name: str, options: RedeployBody | None = None) -> Status:
    """Pull the images of a stack and make all of it again, or with `dry_run` say what would be.

    Where one container does not come up, all old ones come back. A swarm's services are told to
    replace their tasks.
    """
    options = options or RedeployBody()
    if options.dry_run:
        return Status(200, {"plan": look_ahead(name, pull=options.pull).steps})
    job = request_stack_redeploy(name, pull=options.pull, user=request.user)
    return Status(202, {"progress_id": job.progress_id, "status": job.status})

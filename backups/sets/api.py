"""Backups of whole stacks as JSON."""

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from accounts.rights import needs
from backups.api import started
from backups.schemas import StartedOut
from backups.sets import services
from backups.sets.options import SetOptions
from backups.types import Conflict, Plan
from containermonkey.schemas import Strict

router = Router(tags=["Backups"])

Port = Annotated[int, Field(strict=True)]


class SetRestoreRequest(Strict):
    """`port_overrides` are by container: `{"shop-web-1": {"80/tcp": 8081}}`."""

    set_id: UUID
    port_overrides: dict[str, dict[str, Port]] = {}
    overwrite_volumes: bool | None = None
    on_conflict: Literal["fail", "replace"] = "fail"
    start: bool | None = None
    dry_run: bool = False

    def as_options(self) -> SetOptions:
        return SetOptions(**self.dict(exclude={"set_id", "dry_run"}))


class SetPlanOut(Schema):
    """`plan` are all steps in one list, `members` the same by container."""

    plan: list[str]
    members: list[Plan]
    conflicts: list[Conflict]


@router.post("/restore-set", response={200: SetPlanOut, 202: StartedOut})
@needs("stack_restore.request")
def restore_set(request: HttpRequest, asked: SetRestoreRequest) -> Status:
    """Bring all containers of a stack's backup back, or with `dry_run` say what would be done.

    Names are kept. A conflict of any member that the options do not answer is a 409, and nothing
    is changed; whatever fails later puts everything back.
    """
    options = asked.as_options()
    if asked.dry_run:
        plan = services.plan_set_restore(asked.set_id, options)
        told = {"plan": plan.steps, "members": plan.members, "conflicts": plan.conflicts}
        return Status(200, told)
    return started(services.request_set_restore(asked.set_id, options, request.user))

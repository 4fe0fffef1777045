"""Many stacks at once, as JSON."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Router, Schema

from accounts.rights import needs
from containermonkey.schemas import Strict
from stacks.bulk.services import MOST, Options, Result, act_on_all

router = Router(tags=["Stacks"])

Name = Annotated[str, Field(min_length=1, max_length=255)]


class StackBulkBody(Strict):
    action: Annotated[str, Field(max_length=30)]
    names: Annotated[list[Name], Field(min_length=1, max_length=MOST)]
    volumes: bool = False


class StackBulkResults(Schema):
    results: list[Result]


@router.post("/stacks/bulk", response=StackBulkResults)
@needs("stack.bulk")
def bulk(request: HttpRequest, body: StackBulkBody) -> StackBulkResults:
    """Do one thing to many stacks; one that fails stops no other.

    `action` is start, stop, restart, delete or backup, which is only put into the queue;
    `volumes` is for delete.
    """
    options = Options(volumes=body.volumes, user=request.user)
    return StackBulkResults(results=act_on_all(body.action, body.names, options))

"""Many containers at once, as JSON."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Router, Schema

from accounts.rights import needs
from containermonkey.schemas import Strict
from containers import signals
from containers.api import Signal
from containers.bulk.actions import Options
from containers.bulk.services import MOST, Result, act_on_all
from containers.services import LONGEST_TIMEOUT

router = Router(tags=["Containers"])

Reference = Annotated[str, Field(min_length=1, max_length=255)]


class BulkBody(Strict):
    action: Annotated[str, Field(max_length=30)]
    ids: Annotated[list[Reference], Field(min_length=1, max_length=MOST)]
    timeout: Annotated[int | None, Field(ge=0, le=LONGEST_TIMEOUT)] = None
    signal: Signal = signals.KILL
    force: bool = False
    volumes: bool = False


class BulkResults(Schema):
    results: list[Result]


@router.post("/containers/bulk", response=BulkResults)
@needs("container.bulk")
def bulk(request: HttpRequest, body: BulkBody) -> BulkResults:
    """Do one thing to many containers; eight at a time, and one that fails stops no other.

    `action` is start, stop, restart, pause, unpause, kill, delete or backup. `timeout` is for
    stop and restart, `signal` for kill, `force` and `volumes` for delete.
    """
    signals.named(body.signal)
    options = Options(body.timeout, body.signal, body.force, body.volumes)
    return BulkResults(results=act_on_all(body.action, body.ids, options))

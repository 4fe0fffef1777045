"""Pulling as JSON."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from accounts.rights import needs
from containermonkey.schemas import Strict
from images.pulling.services import LONGEST_PLATFORM, request_pull

router = Router(tags=["Images"])


class PullBody(Strict):
    reference: Annotated[str, Field(min_length=1, max_length=500)]
    platform: Annotated[str, Field(max_length=LONGEST_PLATFORM)] = ""


class PullStarted(Schema):
    success: bool = True
    progress_id: UUID
    status: str


@router.post("/images/pull", response={202: PullStarted})
@needs("image_pull.request")
def pull(request: HttpRequest, body: PullBody) -> Status:
    """Pull an image from its registry, `latest` where neither tag nor digest is named.

    Its progress (`kind` is `image_pull`) counts the bytes of the layers that have to be fetched.
    `platform` is `os/architecture[/variant]`, the host's own if it is left out. The same pull
    twice at once is one job.
    """
    job = request_pull(body.reference, platform=body.platform, user=request.user)
    return Status(202, {"progress_id": job.progress_id, "status": job.status})

"""Clean-up, as JSON."""

from django.http import HttpRequest
from ninja import Router

from accounts.rights import needs
from system.cleanup.services import Removed, remove_left_behind

router = Router(tags=["System"])


@router.post("/cleanup/temp-containers", response=Removed)
@needs("cleanup.left_behind")
def clean_up(request: HttpRequest) -> Removed:
    """Remove the containers that jobs of this program made for themselves and left behind.

    The networks and volumes of the same jobs go with them. What belongs to a job that is not over,
    or to another installation, stays; what could not be removed is in `failed`, with its reason.
    """
    return remove_left_behind()

"""What may be asked of a pull."""

import re

from containermonkey.problems import Invalid
from images.references import parse_reference
from jobs.models import ACTIVE, PENDING, Job, Kind
from jobs.services import User, enqueue_once

PLATFORM = re.compile(r"[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?")
LONGEST_PLATFORM = 60


def request_pull(reference: str, *, platform: str = "", user: User = None) -> Job:
    """Put the pull of an image into the queue; without a tag or digest, it is `latest`.

    While the same waits or is being pulled, that is the job. `platform` is
    `os/architecture[/variant]`, the host's own if empty. Raise Invalid with the fields at fault.
    """
    name, platform = str(parse_reference(reference)), platform.strip().lower()
    if platform and not (PLATFORM.fullmatch(platform) and len(platform) <= LONGEST_PLATFORM):
        reason = "A platform is the system and the architecture, as linux/arm64."
        raise Invalid(reason, fields={"platform": reason})
    arguments = {"reference": name, "platform": platform}
    return enqueue_once(Kind.IMAGE_PULL, name, arguments, user, statuses=(*PENDING, *ACTIVE))

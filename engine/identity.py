"""Which of the host's containers is this program itself.

Our own container must never be stopped, backed up over or deleted by us. It is found by the
files that the Engine mounts into every container; the host name and the cgroup files are not
reliable. A label marks the containers that cannot be found so: another process of ours, or the
helper containers of a job.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

SELF_LABEL = "containermonkey.self"
"""On our image, and so on every container of ours."""

JOB_LABEL = "containermonkey.job"
"""On every helper container; its value is the id of the job that it serves."""

FILES_LABEL = "volume-files"
"""What that label says where there is no job: the helper serves somebody who looks at files."""

OWN_PREFIX = "containermonkey."
"""With this begin the labels by which this program knows what is its own."""

OWN_LABELS = (SELF_LABEL, JOB_LABEL)
"""By these a container is taken for ours: nothing that somebody brings may carry one."""

MOUNTED_BY_ENGINE = re.compile(r"/containers/([0-9a-f]{64})/(?:hostname|hosts|resolv\.conf)\s")


@lru_cache(maxsize=1)
def candidate_id(mountinfo: Path = Path("/proc/self/mountinfo")) -> str | None:
    """The id of the container in which this process runs, or None outside of any."""
    try:
        found = MOUNTED_BY_ENGINE.search(mountinfo.read_text())
    except OSError:
        return None
    return found.group(1) if found else None


def is_ours(container_id: str, labels: dict[str, Any] | None) -> bool:
    """Whether a container is this program or one of its helpers."""
    return is_program(container_id, labels) or is_helper(labels)


def is_program(container_id: str, labels: dict[str, Any] | None) -> bool:
    """Whether a container is this program itself; helpers may be made from the same image."""
    marked = SELF_LABEL in (labels or {})
    return not is_helper(labels) and (container_id == candidate_id() or marked)


def is_helper(labels: dict[str, Any] | None) -> bool:
    """Whether a container, volume or network was made for a job, to go away with it."""
    return JOB_LABEL in (labels or {})


def is_at_files(labels: dict[str, Any] | None) -> bool:
    """Whether a container is a helper of somebody who looks at the files of a volume."""
    return (labels or {}).get(JOB_LABEL) == FILES_LABEL


def is_hidden(container_id: str, labels: dict[str, Any] | None) -> bool:
    """Whether a container is left out of lists and of reach."""
    return not settings.SHOW_SELF and is_ours(container_id, labels)

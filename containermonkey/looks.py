"""How states look: a word, a tone and an icon of their own, so that colour never stands alone."""

import re
from dataclasses import dataclass

DOT = "dot"
"""Stands for the plain dot instead of an icon."""


@dataclass(frozen=True)
class Look:
    word: str
    tone: str  # ok, warn, bad, info or idle
    icon: str
    turning: bool = False


HEALTH = {
    "healthy": Look("Healthy", "ok", icon="heartbeat"),
    "unhealthy": Look("Unhealthy", "warn", icon="warning"),
    "starting": Look("Starting", "info", icon="arrows-clockwise", turning=True),
}
CONTAINER = {
    "created": Look("Created", "idle", icon="circle-dashed"),
    "running": Look("Running", "ok", DOT),
    "paused": Look("Paused", "idle", icon="pause-circle"),
    "restarting": Look("Restarting", "info", icon="arrows-clockwise", turning=True),
    "removing": Look("Removing", "info", icon="arrows-clockwise", turning=True),
    "exited": Look("Exited", "idle", icon="stop-circle"),
    "dead": Look("Dead", "bad", icon="skull"),
}
JOB = {
    "queued": Look("Queued", "idle", icon="hourglass"),
    "waiting": Look("Waiting", "idle", icon="hourglass"),
    "starting": Look("Starting", "info", icon="arrows-clockwise", turning=True),
    "running": Look("Running", "info", icon="arrows-clockwise", turning=True),
    "complete": Look("Complete", "ok", icon="check-circle"),
    "failed": Look("Failed", "bad", icon="x-circle"),
    "cancelled": Look("Cancelled", "idle", icon="prohibit"),
    "interrupted": Look("Interrupted", "warn", icon="plugs"),
}
TONE = {
    "ok": Look("Done", "ok", icon="check-circle"),
    "info": Look("Note", "info", icon="info"),
    "warn": Look("Warning", "warn", icon="warning"),
    "bad": Look("Error", "bad", icon="x-circle"),
}
PROBLEM = {
    400: Look("That could not be understood", "bad", icon="warning-circle"),
    403: Look("Not allowed", "bad", icon="lock"),
    404: Look("Nothing here", "idle", icon="compass"),
    409: Look("Not possible now", "warn", icon="warning"),
    413: Look("Too large", "bad", icon="warning-circle"),
    429: Look("Too many requests", "warn", icon="hourglass"),
    502: Look("The Docker Engine refused", "bad", icon="plugs"),
    503: Look("The Docker Engine does not answer", "bad", icon="plugs"),
    507: Look("No space left", "bad", icon="hard-drives"),
}
"""By HTTP status."""

KIND = {
    "backup": Look("Backup", "idle", icon="archive"),
    "restore": Look("Restore", "idle", icon="clock-counter-clockwise"),
    "bulk_download": Look("Download", "idle", icon="download-simple"),
    "redeploy": Look("Redeploy", "idle", icon="arrows-clockwise"),
    "put_back": Look("Putting back", "idle", icon="arrow-u-up-left"),
    "scan": Look("Scan", "idle", icon="folder-open"),
    "verify": Look("Check", "idle", icon="shield-check"),
    "rehearsal": Look("Rehearsal", "idle", icon="flask"),
    "prune": Look("Clean-up", "idle", icon="broom"),
    "volume_clone": Look("Clone", "idle", icon="copy"),
    "stack_backup": Look("Stack backup", "idle", icon="stack"),
    "stack_restore": Look("Stack restore", "idle", icon="clock-counter-clockwise"),
    "image_pull": Look("Pull", "idle", icon="cloud-arrow-down"),
    "stack_deploy": Look("Deployment", "idle", icon="rocket-launch"),
    "stack_redeploy": Look("Stack redeploy", "idle", icon="arrows-clockwise"),
}

ORIGIN = {
    "made": "Made here",
    "uploaded": "Uploaded",
    "found": "Found in the backup directory",
}
"""How a backup came here, in words."""

# 137 and 143 are what `docker stop` leaves behind: SIGKILL and SIGTERM, taken as meant.
STOPPED_ON_PURPOSE = {0, 137, 143}
EXIT_CODE = re.compile(r"\((\d+)\)")


def of_container(status: str, health: str | None = None, status_text: str = "") -> Look:
    """The look of a container; its health goes before `running`, its exit code is named."""
    if status == "running" and health in HEALTH:
        return HEALTH[health]
    look = CONTAINER.get(status) or Look(status.capitalize() or "Unknown", "idle", icon="question")
    found = EXIT_CODE.search(status_text) if status == "exited" else None
    if found is None or int(found[1]) == 0:
        return look
    if int(found[1]) in STOPPED_ON_PURPOSE:
        return Look(f"Exited ({found[1]})", look.tone, look.icon)
    return Look(f"Exited ({found[1]})", "bad", icon="x-circle")


def of_job(status: str) -> Look:
    return JOB.get(status) or Look(status.capitalize(), "idle", icon="question")


def of_problem(status: int) -> Look:
    return PROBLEM.get(status) or Look("Something went wrong", "bad", icon="bug")


def of_kind(kind: str) -> Look:
    return KIND.get(kind) or Look(kind.replace("_", " ").capitalize(), "idle", icon="cube")

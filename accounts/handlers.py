"""What the worker does by itself for accounts."""

from accounts.trail.retention import daily
from jobs.registry import chore


@chore
def audit_lines_past_their_time() -> None:
    daily.look()

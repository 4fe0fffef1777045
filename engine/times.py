"""Times as the Engine writes them."""

from datetime import datetime

NANOSECONDS = 1_000_000_000
"""A second."""


def moment(text: str | None) -> datetime | None:
    """A time of the Engine's; None for the year 1, which is what it says of no time.

    What made a thing may have written the time: a driver of volumes writes anything.
    """
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.year > 1 else None

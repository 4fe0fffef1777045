"""How much is in each volume: counted by the Engine beside the pages, remembered for a while."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from engine import Docker
from engine.counting import BRIEFLY, Counter, Standing
from engine.disk_usage import volume_sizes


@dataclass(frozen=True)
class Sizes:
    """The bytes in each volume by its name, but for those that the Engine cannot count."""

    of: dict[str, int]
    counted_at: datetime


Counting = Standing[Sizes]


def sizes_now(docker: Docker) -> Sizes:
    return Sizes(volume_sizes(docker), timezone.now())


counter = Counter("volumes.sizes", "the sizes", sizes_now)


def ask_for_sizes() -> None:
    """Have the Engine count, unless what it counted lately is still remembered."""
    counter.ask()


def begin_to_count() -> None:
    """Have the Engine count anew."""
    counter.begin().wait(BRIEFLY)


def count_sizes() -> Sizes:
    """Have the Engine count and wait for it. Raise the Problem that it met."""
    return counter.begin().result()


def remembered_sizes() -> Sizes | None:
    """What was counted in the last minutes, by whomever; None where nobody asked."""
    return counter.remembered()


def counting() -> Counting:
    """How the sizes stand, without asking the Engine anything."""
    return counter.standing()

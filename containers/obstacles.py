"""What stands in the way of making containers, found out before anything is touched."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from containermonkey.problems import Conflict


@dataclass(frozen=True)
class Obstacle:
    """Something in the way; `answer` is `pull` where the other choice of pulling settles it."""

    kind: str
    name: str
    message: str
    answer: str = ""


class Obstructed(Conflict):
    """What was asked for has something in its way: every obstacle, in one problem."""

    def __init__(self, obstacles: Sequence[Obstacle]) -> None:
        super().__init__(
            " ".join(each.message for each in obstacles),
            conflicts=[asdict(each) for each in obstacles],
        )

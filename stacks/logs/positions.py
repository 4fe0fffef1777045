"""How far the logs of several containers are known to one who reads them."""

from containers.logs import position
from containers.logs.position import Position

Positions = dict[str, Position]
"""Up to where the log of each container is known, by its short id."""


def as_word(positions: Positions) -> str:
    """The positions as they travel: `<id>:stdout=<time>,stderr=<time>;…`."""
    return ";".join(f"{id}:{position.as_word(each)}" for id, each in positions.items() if each)


def of_word(word: str) -> Positions:
    """The positions that `as_word` wrote. Raise ValueError."""
    found: Positions = {}
    for part in word.split(";") if word else ():
        id, _, times = part.partition(":")
        if not times:
            raise ValueError(part)
        found[id] = position.of_word(times)
    return found

"""Which containers of a stack may be acted on at the same time."""

from typing import Any

from backups.consistency import Member, depends_on


def levels_of(inspects: list[dict[str, Any]]) -> list[list[str]]:
    """The names of containers, given each after what it needs, in levels.

    Each needs only what is in the levels before its own; of those that need each other in a
    circle, the one that was given first begins.
    """
    placed: list[tuple[Member, int]] = []
    levels: list[list[str]] = []
    for member in map(Member.of, inspects):
        needed = [level for other, level in placed if depends_on(member, other)]
        level = max(needed, default=-1) + 1
        placed.append((member, level))
        if level == len(levels):
            levels.append([])
        levels[level].append(member.name)
    return levels

"""The same act on several things that somebody has named."""

from containermonkey.problems import Invalid

MOST = 500
"""Things that are acted on at once, where nothing else is said."""


def each_once(references: list[str], *, field: str, things: str, most: int = MOST) -> list[str]:
    """Those that are named, each once and in their order.

    Raise Invalid, with the field in which they are named, for none or more than `most`.
    """
    if not 1 <= len(references) <= most:
        reason = f"must name from 1 to {most} {things}"
        raise Invalid(f"The {field} {reason}.", fields={field: reason})
    return list(dict.fromkeys(references))

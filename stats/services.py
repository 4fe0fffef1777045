"""What all containers use, now and over the last day."""

from containermonkey.problems import EngineUnreachable
from stats.collector import INTERVAL, collector
from stats.rounds import Round

__all__ = ["INTERVAL", "statistics"]


def statistics() -> Round:
    """What all containers use now. Raise EngineUnreachable, or what else the Engine answered."""
    seen = collector.look()
    if seen.problem is not None:
        raise seen.problem
    if seen.round is None:
        raise EngineUnreachable("The Docker Engine has not answered in time.")
    return seen.round

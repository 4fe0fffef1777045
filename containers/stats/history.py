"""The last minutes of those containers that somebody looks at, in this process's memory."""

import threading
import time
from collections import OrderedDict, deque

from containers.stats.formulas import Sample

KEPT_SAMPLES = 61
"""Five minutes of one every five seconds."""

KEPT_SECONDS = 600
OUT_OF_ORDER_SECONDS = 10

MOST_CONTAINERS = 2000
"""As many as the statistics of all keep; of more than this, each would be forgotten before its
next turn."""


class History:
    """Samples by container id; what nobody has asked for in ten minutes is forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, deque[Sample]]] = OrderedDict()

    def add(self, container_id: str, sample: Sample) -> list[Sample]:
        """Add a sample; all samples of the container's present run, the oldest first."""
        now = time.monotonic()
        with self._lock:
            _, samples = self._kept.pop(container_id, (now, deque(maxlen=KEPT_SAMPLES)))
            if samples and (is_anew(samples[-1], sample) or is_set_back(samples[-1], sample)):
                samples.clear()
            if not samples or sample.read_at > samples[-1].read_at:
                samples.append(sample)
            self._kept[container_id] = now, samples
            self._forget(now)
            return list(samples)

    def of(self, container_id: str) -> list[Sample]:
        with self._lock:
            return list(self._kept.get(container_id, (0.0, ()))[1])

    def _forget(self, now: float) -> None:
        while self._kept:
            oldest = next(iter(self._kept))
            if len(self._kept) <= MOST_CONTAINERS and now - self._kept[oldest][0] < KEPT_SECONDS:
                return
            del self._kept[oldest]


def is_anew(last: Sample, sample: Sample) -> bool:
    """Whether the container has been started again, and its counters with it."""
    return sample.cpu < last.cpu


def is_set_back(last: Sample, sample: Sample) -> bool:
    """Whether the Engine's clock was set back, so that nothing is later for as long as that.

    Two who ask at once may bring their samples in the wrong order, but only by moments.
    """
    back = (last.read_at - sample.read_at).total_seconds()
    return back > 0 and (sample.cpu > last.cpu or back > OUT_OF_ORDER_SECONDS)


history = History()

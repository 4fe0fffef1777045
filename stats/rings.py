"""The last day of what containers use, in little memory: averages that replace the oldest ones."""

import math
import struct
import threading
from array import array
from collections import OrderedDict
from collections.abc import Mapping, Sequence

POINTS = 60
"""Averages of each span; a line has no more to show on its few pixels."""

SPANS = {"live": 300, "15m": 900, "1h": 3600, "6h": 21_600, "24h": 86_400}
"""Seconds of which a line can be drawn. A day comes in averages of 24 minutes."""

FIELDS = ("cpu", "memory", "network_in", "network_out", "block_in", "block_out")
"""Percent of a core; bytes; and four times bytes a second."""

MOST_CONTAINERS = 2000
"""12 KiB each. Beyond, those that have been read longest ago are forgotten."""

UNKNOWN = math.nan
NOTHING = array("f", [UNKNOWN] * POINTS)

OPEN_SLOT = struct.Struct(f"<q{len(FIELDS)}d{len(FIELDS)}I")
"""What a ring has besides its averages: the slot, and sums and counts of what fell into it."""

RING_SIZE = OPEN_SLOT.size + len(FIELDS) * POINTS * array("f").itemsize
RINGS_SIZE = len(SPANS) * RING_SIZE
"""Bytes of a ring, and of all of a container, when they are packed."""

Figures = Sequence[float | None]
"""One for each of FIELDS, None for what is unknown."""


class Ring:
    """The last averages over `step` seconds, each slot named by the time that it stands for."""

    __slots__ = ("count", "slot", "step", "sums", "values")

    def __init__(self, step: float) -> None:
        self.step = step
        self.slot = -1
        self.values = [NOTHING[:] for _ in FIELDS]
        self.sums = [0.0] * len(FIELDS)
        self.count = [0] * len(FIELDS)

    def add(self, now: float, figures: Figures) -> None:
        self._open(int(now // self.step))
        place = self.slot % POINTS
        for field, figure in enumerate(figures):
            if figure is not None:
                self.sums[field] += figure
                self.count[field] += 1
                self.values[field][place] = self.sums[field] / self.count[field]

    def line(self, field: int, now: float) -> list[float]:
        """The averages of a field up to `now`, the oldest first, NaN where nobody looked."""
        newest = int(now // self.step)
        values, missed = self.values[field], min(newest - self.slot, POINTS)
        begin = (self.slot + 1) % POINTS
        kept = [*values[begin:], *values[:begin]]
        return [*kept[missed:], *[UNKNOWN] * missed] if missed > 0 else kept

    def packed(self) -> bytes:
        """All of it as bytes, in this machine's order."""
        state = OPEN_SLOT.pack(self.slot, *self.sums, *self.count)
        return b"".join([state, *(values.tobytes() for values in self.values)])

    def unpack(self, packed: bytes) -> None:
        """Become what was packed."""
        self.slot, *rest = OPEN_SLOT.unpack(packed[: OPEN_SLOT.size])
        self.sums, self.count = rest[: len(FIELDS)], rest[len(FIELDS) :]
        averages = array("f", packed[OPEN_SLOT.size :])
        self.values = [
            averages[begin : begin + POINTS] for begin in range(0, len(averages), POINTS)
        ]

    def fill_from(self, other: "Ring") -> None:
        """Take what another process has read of the same container where this one has not looked.

        Of a slot that both have looked at, this one's figures stay.
        """
        self._open(other.slot)
        known = range(max(self.slot - POINTS, other.slot - POINTS) + 1, other.slot + 1)
        places = [slot % POINTS for slot in known]
        for field, values in enumerate(self.values):
            for place in places:
                if math.isnan(values[place]):
                    values[place] = other.values[field][place]
            if self.slot == other.slot and not self.count[field]:
                self.sums[field], self.count[field] = other.sums[field], other.count[field]

    def _open(self, slot: int) -> None:
        """Go on to a slot, with nothing known of those that were passed over."""
        if slot <= self.slot:  # also where the clock was set back
            return
        for passed in range(max(self.slot + 1, slot - POINTS + 1), slot + 1):
            for values in self.values:
                values[passed % POINTS] = UNKNOWN
        self.slot = slot
        self.sums = [0.0] * len(FIELDS)
        self.count = [0] * len(FIELDS)


def new_rings() -> dict[str, Ring]:
    return {span: Ring(seconds / POINTS) for span, seconds in SPANS.items()}


def unpacked(packed: bytes) -> dict[str, Ring]:
    """The rings of one container."""
    rings = new_rings()
    for number, ring in enumerate(rings.values()):
        ring.unpack(packed[number * RING_SIZE :][:RING_SIZE])
    return rings


class DayHistory:
    """A ring of each span for each container that was read within the last day.

    `kept_as` is what the file looked like that was written of it last; see `stats.keeping`.
    """

    def __init__(self) -> None:
        self.kept_as: tuple[int, int, int] | None = None
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, dict[str, Ring]] = OrderedDict()
        self._read_at: dict[str, float] = {}

    def add(self, now: float, figures: Mapping[str, Figures]) -> None:
        """Add what a round found, by container id; `now` in seconds since 1970."""
        with self._lock:
            for container_id, found in figures.items():
                if container_id not in self._kept:
                    self._kept[container_id] = new_rings()
                for ring in self._kept[container_id].values():
                    ring.add(now, found)
                self._kept.move_to_end(container_id)
                self._read_at[container_id] = now
            self._forget(now)

    def lines(self, container_id: str, span: str, now: float) -> list[list[float]] | None:
        """A line for each of FIELDS; None where nothing is known of the container."""
        with self._lock:
            rings = self._kept.get(container_id)
            if rings is None:
                return None
            return [rings[span].line(field, now) for field in range(len(FIELDS))]

    def packed(self) -> tuple[dict[str, float], bytes]:
        """When each container was read last, and their rings one after the other."""
        with self._lock:
            read_at = {container_id: self._read_at[container_id] for container_id in self._kept}
            rings = [ring.packed() for each in self._kept.values() for ring in each.values()]
        return read_at, b"".join(rings)

    def take(self, now: float, read_at: Mapping[str, float], packed: bytes) -> None:
        """Take in what was packed of containers that were read in the day before `now`.

        What is known here already is filled up with it.
        """
        with self._lock:
            for place, (container_id, moment) in enumerate(read_at.items()):
                if not 0 <= now - moment < SPANS["24h"]:
                    continue
                taken = unpacked(packed[place * RINGS_SIZE :][:RINGS_SIZE])
                known = self._kept.setdefault(container_id, taken)
                if known is not taken:
                    for span, ring in known.items():
                        ring.fill_from(taken[span])
                self._read_at[container_id] = max(moment, self._read_at.get(container_id, 0.0))
            # What was read longest ago is forgotten first.
            self._kept = OrderedDict(sorted(self._kept.items(), key=self._moment_of))
            self._forget(now)

    @property
    def newest(self) -> float:
        """When any container was read last."""
        with self._lock:
            return max(self._read_at.values(), default=0.0)

    def _moment_of(self, kept: tuple[str, dict[str, Ring]]) -> float:
        return self._read_at[kept[0]]

    def __len__(self) -> int:
        return len(self._kept)

    def _forget(self, now: float) -> None:
        while self._kept:
            oldest = next(iter(self._kept))
            if len(self._kept) <= MOST_CONTAINERS and now - self._read_at[oldest] < SPANS["24h"]:
                return
            del self._kept[oldest], self._read_at[oldest]

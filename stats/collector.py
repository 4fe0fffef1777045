"""The one collector: reads all containers every five seconds while somebody looks.

Whoever looks keeps it going for a while and is served from the last round, however many they are.
It has a thread and an event loop of its own, because pages and API run in threads; without a
watcher there is neither.
"""

import asyncio
import logging
import math
import threading
import time
from dataclasses import dataclass

from containermonkey.problems import EngineRefused, Problem
from engine.client import current_url
from stats.keeping import keep, remember
from stats.rings import DayHistory
from stats.rounds import Round, read_round

logger = logging.getLogger(__name__)

INTERVAL = 5.0
"""Seconds from the beginning of a round to that of the next."""

WATCHED_SECONDS = 12.0
"""How long a look counts as watching: a page looks every five seconds."""

FIRST_GAP = 0.5
"""The same for the first two rounds: long enough for the kernel's ticks, short enough to be waited
for. An Engine 20.10 takes up to a second to answer, so that there the second follows at once."""

SHORTEST_GAP = 1.0
"""The same where somebody asks for a round now, so that nobody keeps the Engine busy by it."""

KEPT_EVERY = 300.0
"""Seconds after which the history is written down, besides whenever the last has gone. Of a hundred
containers it is 0.8 MB."""

LONGEST_WAIT = 10.0
"""Seconds that somebody waits for a round: two of them, each with containers that hang."""


@dataclass(frozen=True)
class Look:
    """The last round, None where there never was one, and why there is no newer one."""

    round: Round | None
    problem: Problem | None


class Collector:
    """The thread that reads, and what it has found."""

    def __init__(self) -> None:
        self.history = DayHistory()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._watched_until = 0.0
        self._wanted_at = 0.0
        self._begun_at = 0.0
        self._is_first = True
        self._remembers = False
        self._kept_at = 0.0
        self._round: Round | None = None
        self._problem: Problem | None = None

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def look(self, *, anew: bool = False) -> Look:
        """The figures now, never older than two intervals but where there is a problem.

        Who looks first waits for two rounds, because CPU and rates need two samples. With `anew`
        it is a round that begins after this moment.
        """
        with self._changed:
            asked_at = time.monotonic()
            self._watched_until = asked_at + LONGEST_WAIT
            self._start()
            if anew:
                self._wanted_at = asked_at
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._has_read_since(asked_at), LONGEST_WAIT)
            else:
                self._changed.wait_for(self._is_answered, LONGEST_WAIT)
            self._watched_until = time.monotonic() + WATCHED_SECONDS
            return Look(self.last_round(), self._problem)

    def stop(self) -> None:
        """End reading now, and wait until it has ended."""
        with self._changed:
            self._watched_until = 0.0
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    def keep(self) -> None:
        """Write the history down, for the next start; nothing where nobody has looked yet."""
        if self._remembers:
            self._kept_at = time.monotonic()
            keep(self.history, current_url())

    def _start(self) -> None:
        if not self.running:
            self._problem, self._is_first = None, True
            thread = threading.Thread(target=self._run, name="collector", daemon=True)
            thread.start()  # which fails where the host lets us have no more of them
            self._thread = thread

    def last_round(self) -> Round | None:
        """The last round however old, unless it is of another Engine; nobody watches by asking."""
        found = self._round
        return found if found is not None and found.url == current_url() else None

    def _is_younger_than(self, seconds: float) -> bool:
        found = self.last_round()
        return found is not None and found.whole and found.age < seconds

    def _is_answered(self) -> bool:
        if self._problem is not None:
            return True
        # A round since it was started is the newest there can be, however long the Engine takes.
        return self._is_younger_than(2 * INTERVAL if self._is_first else math.inf)

    def _has_read_since(self, asked_at: float) -> bool:
        return self._begun_at >= asked_at and self._is_answered()

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            while True:
                begun_at = time.monotonic()
                self._read(runner, begun_at)
                if begun_at - self._kept_at >= KEPT_EVERY:
                    self._keep()
                with self._changed:
                    self._rest(begun_at)
                    is_left = self._is_left()
                if is_left:
                    self._keep()
                    if self._ends():
                        return

    def _is_left(self) -> bool:
        return time.monotonic() >= self._watched_until

    def _ends(self) -> bool:
        """Whether nobody has come while the history was written; if so, it is over."""
        with self._changed:
            if self._is_left():
                self._thread = None
            return self._thread is None

    def _keep(self) -> None:
        try:
            self.keep()
        except Exception:  # nobody would read any more
            logger.exception("The history of the statistics could not be kept")

    def _rest(self, begun_at: float) -> None:
        """Wait until the next round is due, or nobody looks any more."""
        while True:
            until = min(begun_at + self._gap(begun_at), self._watched_until)
            left = until - time.monotonic()
            if left <= 0:
                return
            self._changed.wait(left)

    def _gap(self, begun_at: float) -> float:
        """Seconds from the beginning of the last round to that of the next."""
        if self._problem is None and self._round is not None and not self._round.whole:
            return FIRST_GAP
        return SHORTEST_GAP if self._wanted_at > begun_at else INTERVAL

    def _remember(self) -> None:
        """Take in what was kept before this start, once."""
        if not self._remembers:
            self._remembers, self._kept_at = True, time.monotonic()
            remember(self.history, current_url(), time.time())

    def _read(self, runner: asyncio.Runner, begun_at: float) -> None:
        found = self._round
        problem: Problem | None = None
        try:
            self._remember()
            found = runner.run(read_round(is_first=self._is_first))
            self._is_first = False
            figures = {each.container.id: each.figures() for each in found.usages if each.is_known}
            self.history.add(found.collected_at.timestamp(), figures)
        except Problem as error:
            problem = error
        except Exception:
            logger.exception("What containers use could not be read")
            problem = EngineRefused("What containers use could not be read; the log says why.")
        with self._changed:
            self._begun_at, self._round, self._problem = begun_at, found, problem
            self._changed.notify_all()


collector = Collector()

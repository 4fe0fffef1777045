"""The socket of those who watch the Docker host alone."""

from jobs.consumers import ProgressConsumer
from jobs.sources import Source
from system.host.feed import feed


class SystemConsumer(ProgressConsumer):
    """Sends the figures of the host every 5 s: fragments, with `?format=json` what
    `/api/system-stats` says."""

    def sources(self) -> list[Source]:
        return [feed.filling_for_programs]

"""A page of a large folder in a volume, beside what the Engine offers for looking into one."""

import statistics
from dataclasses import dataclass

from bench.ground import Ground, seconds

ROUNDS = 7
ENTRIES = (1_000, 100_000)
"""Files in the folder."""


@dataclass(frozen=True)
class Browsing:
    """Seconds, the medians of some rounds."""

    entries: int
    archive: float
    first: float
    last: float
    helped: float

    def row(self) -> list[str]:
        return [
            f"{self.entries:,}",
            f"{self.archive * 1000:.0f} ms",
            f"{self.first * 1000:.0f} ms",
            f"{self.last * 1000:.0f} ms",
            f"{self.first / self.archive:.2f} x",
            f"{self.helped * 1000:.0f} ms",
        ]


HEADINGS = [
    *("files in the folder", "Engine's archive call", "first page", "last page", "ratio"),
    "first page by a helper",
]


def measure_browsing(ground: Ground) -> list[Browsing]:
    """The only call of the Engine that tells what is in a volume sends all of it."""
    return [measure(ground, entries) for entries in ENTRIES]


def measure(ground: Ground, entries: int) -> Browsing:
    from volumes.files.helped import InHelper
    from volumes.files.services import explore
    from volumes.files.types import PAGE_SIZE
    from volumes.queries import volume_details

    name = f"browsed-{entries}"
    folder = ground.volume(name)
    for number in range(entries):
        (folder / f"file-{number}").write_bytes(b"x")
    host = ground.docker.create_host_config(binds=[f"{name}:/data"])
    ground.docker.create_container("busybox:test", ["true"], name=name, host_config=host)

    def archive() -> None:
        stream, _ = ground.docker.get_archive(name, "/data")
        for _ in stream:
            pass

    def page(number: int) -> None:
        if not explore(name, "/", number).entries:
            raise RuntimeError("The folder is empty.")

    helped = InHelper(volume_details(name), "busybox:test")
    page(1)  # the first look at a directory proves that it is the Engine's
    figures = [
        (
            seconds(archive),
            seconds(lambda: page(1)),
            seconds(lambda: page(entries // PAGE_SIZE)),
            seconds(lambda: helped.explore("", 1)),
        )
        for _ in range(ROUNDS)
    ]
    medians = (statistics.median(column) for column in zip(*figures, strict=True))
    return Browsing(entries, *medians)

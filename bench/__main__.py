"""`python -m bench [--size MIB] [--only PART]`: what the parts are, `--help` says."""

import argparse
import sys
from collections.abc import Callable

from bench.data import MIB
from bench.ground import Ground, ground


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--size", type=int, default=1024, help="MiB in each volume")
    parser.add_argument("--only", choices=PARTS, default="")
    chosen = parser.parse_args()
    with ground() as here:
        prepare(here)
        for name, show in PARTS.items():
            if chosen.only in ("", name):
                show(here, chosen.size * MIB)


def prepare(here: Ground) -> None:
    import django
    from django.core.management import call_command

    from tests.images import ensure_busybox

    django.setup()
    call_command("migrate", verbosity=0)
    ensure_busybox(here.docker)


def show_listing(here: Ground, _: int) -> None:
    from bench import listing

    table(listing.HEADINGS, [row.row() for row in listing.measure_listings(here)])


def show_browsing(here: Ground, _: int) -> None:
    from bench import browsing

    table(browsing.HEADINGS, [row.row() for row in browsing.measure_browsing(here)])


def show_consoles(here: Ground, _: int) -> None:
    from bench import console

    echoes, many = console.measure_consoles(here)
    table(console.HEADINGS, echoes)
    table(console.HEADINGS_OF_MANY, many)


def show_logs(here: Ground, _: int) -> None:
    from bench import logs

    table(logs.HEADINGS, [row.row() for row in logs.measure_logs(here)])


def show_statistics(here: Ground, _: int) -> None:
    from bench import stats

    table(stats.HEADINGS, stats.measure_stats(here))


def show_load(here: Ground, _: int) -> None:
    from bench import load

    table(load.HEADINGS, load.measure_load(here))


def show_transfers(here: Ground, size: int) -> None:
    from bench import transfers

    rows = [result.row() for result in transfers.measure_transfers(here, size)]
    table(transfers.HEADINGS, rows)


PARTS: dict[str, Callable[[Ground, int], None]] = {
    "listing": show_listing,
    "browsing": show_browsing,
    "console": show_consoles,
    "logs": show_logs,
    "statistics": show_statistics,
    "load": show_load,
    "transfers": show_transfers,
}
"""In their order; each is given the bytes of a volume, which only the last one fills."""


def table(headings: list[str], rows: list[list[str]]) -> None:
    """A table that a Markdown page can take as it is."""
    lines = [headings, ["---"] * len(headings), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.write("\n")
    sys.stdout.flush()


main()

"""`python -m bench [--size MIB] [--only transfers|listing|console|logs]`."""

import argparse
import sys

from bench.data import MIB
from bench.ground import Ground, ground


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--size", type=int, default=1024, help="MiB in each volume")
    parts = ["transfers", "listing", "console", "logs"]
    parser.add_argument("--only", choices=parts, default="")
    chosen = parser.parse_args()
    with ground() as here:
        prepare_django()
        if chosen.only in ("", "listing"):
            show_listing(here)
        if chosen.only in ("", "console"):
            show_consoles(here)
        if chosen.only in ("", "logs"):
            show_logs(here)
        if chosen.only in ("", "transfers"):
            show_transfers(here, chosen.size * MIB)


def prepare_django() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def show_listing(here: Ground) -> None:
    from bench import listing
    from tests.images import ensure_busybox

    ensure_busybox(here.docker)
    table(listing.HEADINGS, [listing.measure_listing(here).row()])


def show_consoles(here: Ground) -> None:
    from bench import console
    from tests.images import ensure_busybox

    ensure_busybox(here.docker)
    echoes, many = console.measure_consoles(here)
    table(console.HEADINGS, echoes)
    table(console.HEADINGS_OF_MANY, many)


def show_logs(here: Ground) -> None:
    from bench import logs
    from tests.images import ensure_busybox

    ensure_busybox(here.docker)
    table(logs.HEADINGS, [row.row() for row in logs.measure_logs(here)])


def show_transfers(here: Ground, size: int) -> None:
    from bench import transfers

    rows = [result.row() for result in transfers.measure_transfers(here, size)]
    table(transfers.HEADINGS, rows)


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

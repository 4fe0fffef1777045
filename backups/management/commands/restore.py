"""Brings containers back from a terminal."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backups.adoption import find_or_adopt
from backups.management.reporting import follow_and_exit, request_all, show_plans
from backups.options import RestoreOptions
from backups.services import plan_restore, request_restore
from containermonkey.problems import Problem


class Command(BaseCommand):
    help = (
        "Brings containers back from their backups and follows the progress. "
        "The exit status is 0 when all are back and 1 when one is not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files",
            nargs="+",
            metavar="FILE",
            help="a backup's name, or the path of an archive, which is checked and copied in",
        )
        parser.add_argument("--new-name", default="", help="the container's new name")
        parser.add_argument(
            "--port",
            action="append",
            default=[],
            type=port_override,
            metavar="80/tcp=8081",
            help="publish a port of the container at another port of the host; may be repeated",
        )
        volumes = parser.add_mutually_exclusive_group()
        volumes.add_argument(
            "--overwrite-volumes",
            action="store_true",
            default=None,
            help="replace the content of volumes that exist",
        )
        volumes.add_argument(
            "--keep-volumes",
            action="store_false",
            dest="overwrite_volumes",
            help="keep the content of volumes that exist",
        )
        parser.add_argument(
            "--on-conflict",
            choices=["fail", "replace", "rename"],
            default="fail",
            help="what to do where the container's name is taken (default: fail)",
        )
        start = parser.add_mutually_exclusive_group()
        start.add_argument("--start", action="store_true", default=None, help="start it")
        start.add_argument("--no-start", action="store_false", dest="start", help="do not start it")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *, files: list[str], **options: Any) -> None:
        if options["new_name"] and len(files) > 1:
            raise CommandError("--new-name goes with one FILE only.", returncode=2)
        try:
            chosen = RestoreOptions(
                new_name=options["new_name"],
                port_overrides=dict(options["port"]),
                overwrite_volumes=options["overwrite_volumes"],
                on_conflict=options["on_conflict"],
                start=options["start"],
            )
        except Problem as problem:
            raise CommandError(str(problem), returncode=2) from None
        if options["dry_run"]:
            show_plans(self, files, lambda file: plan_restore(find_or_adopt(file).filename, chosen))
            return
        jobs, refused = request_all(
            self, files, lambda file: request_restore(find_or_adopt(file).filename, chosen)
        )
        follow_and_exit(self, jobs, refused)


def port_override(text: str) -> tuple[str, int]:
    """`80/tcp=8081` or `80=8081` as container port and host port."""
    port, equals, host_port = text.partition("=")
    if not equals or not (host_port.isascii() and host_port.isdigit() and len(host_port) <= 5):
        raise argparse.ArgumentTypeError(f"{text!r} does not look like 80/tcp=8081")
    return (port if "/" in port else f"{port}/tcp"), int(host_port)

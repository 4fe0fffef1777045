"""Brings containers back from a terminal."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backups.adoption import find_or_adopt
from backups.management.reporting import (
    complain,
    follow_and_exit,
    request_all,
    show_conflict,
    show_plans,
    show_steps,
    words_of,
)
from backups.options import RestoreOptions
from backups.restoring import plan_restore, request_restore
from backups.sets.options import SetOptions
from backups.sets.services import plan_set_restore, request_set_restore
from containermonkey.problems import Problem


class Command(BaseCommand):
    help = (
        "Brings containers back from their backups and follows the progress. "
        "The exit status is 0 when all are back and 1 when one is not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files",
            nargs="*",
            metavar="FILE",
            help="a backup's name, or the path of an archive, which is checked and copied in",
        )
        parser.add_argument(
            "--set",
            metavar="ID",
            help="all containers of a stack's backup together, instead of FILEs; names are kept",
        )
        parser.add_argument("--new-name", default="", help="the container's new name")
        parser.add_argument(
            "--port",
            action="append",
            default=[],
            type=port_override,
            metavar="80/tcp=8081",
            help="publish a port of the container at another port of the host; may be repeated; "
            "with --set, the container goes before it: web:80/tcp=8081",
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
        if bool(files) == bool(options["set"]):
            raise CommandError("Name the FILEs, or give --set.", returncode=2)
        if options["set"]:
            self.restore_set(options["set"], options)
            return
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

    def restore_set(self, set_id: str, options: dict[str, Any]) -> None:
        """Bring a whole set back, or write its plan."""
        if options["new_name"]:
            raise CommandError("--new-name goes with one FILE only.", returncode=2)
        try:
            chosen = SetOptions(
                port_overrides=by_container(options["port"]),
                overwrite_volumes=options["overwrite_volumes"],
                on_conflict=options["on_conflict"],
                start=options["start"],
            )
        except Problem as problem:
            raise CommandError(str(problem), returncode=2) from None
        if options["dry_run"]:
            self.show_set_plan(set_id, chosen)
            return
        jobs, refused = request_all(self, [set_id], lambda one: request_set_restore(one, chosen))
        follow_and_exit(self, jobs, refused)

    def show_set_plan(self, set_id: str, chosen: SetOptions) -> None:
        """Write the plan of a set, and exit with 1 where something is in the way."""
        try:
            found = plan_set_restore(set_id, chosen)
        except (Problem, OSError) as problem:
            complain(self, set_id, words_of(problem))
            raise SystemExit(1) from None
        for plan in found.members:
            show_steps(self, plan)
        for conflict in found.conflicts:
            show_conflict(self, conflict.name, conflict)
        if found.conflicts:
            raise SystemExit(1)


def by_container(ports: list[tuple[str, int]]) -> dict[str, dict[str, int]]:
    """`web:80/tcp` and its host port, by container. Raise CommandError without a container."""
    found: dict[str, dict[str, int]] = {}
    for text, host_port in ports:
        container, colon, port = text.rpartition(":")
        if not colon:
            raise CommandError(f"{text} does not say of which container.", returncode=2)
        found.setdefault(container, {})[port] = host_port
    return found


def port_override(text: str) -> tuple[str, int]:
    """`80/tcp=8081` or `80=8081` as container port and host port."""
    port, equals, host_port = text.partition("=")
    if not equals or not (host_port.isascii() and host_port.isdigit() and len(host_port) <= 5):
        raise argparse.ArgumentTypeError(f"{text!r} does not look like 80/tcp=8081")
    return (port if "/" in port else f"{port}/tcp"), int(host_port)

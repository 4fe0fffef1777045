"""Backs containers up from a terminal or from cron."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backups.management.reporting import follow_and_exit, request_all
from backups.options import BackupOptions
from backups.services import request_backup
from backups.sets.services import request_stack_backup
from containermonkey.problems import Problem
from containers.queries import list_containers


class Command(BaseCommand):
    help = (
        "Backs containers up, one after the other, and follows the progress. "
        "The exit status is 0 when all backups are complete and 1 when one is not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="a container's name or id")
        parser.add_argument("--all", action="store_true", help="all containers of the host")
        parser.add_argument(
            "--stack",
            action="append",
            default=[],
            metavar="NAME",
            help="all containers of a compose project or swarm stack together; may be repeated",
        )
        parser.add_argument(
            "--consistency",
            choices=["none", "pause", "stop"],
            default="none",
            help="what happens to the container while its data is read (default: none)",
        )
        parser.add_argument("--image", action="store_true", help="include the image")
        parser.add_argument("--bind-mounts", action="store_true", help="include bind mounts")

    def handle(self, *, names: list[str], **options: Any) -> None:
        stacks: list[str] = options["stack"]
        if bool(names or stacks) == options["all"]:
            raise CommandError("Name containers or stacks, or give --all.", returncode=2)
        chosen = BackupOptions(options["consistency"], options["image"], options["bind_mounts"])
        try:
            names = [each.name for each in list_containers()] if options["all"] else names
        except Problem as problem:
            raise CommandError(str(problem)) from None
        jobs, refused = request_all(self, names, lambda name: request_backup(name, chosen))
        more, too = request_all(self, stacks, lambda name: request_stack_backup(name, chosen))
        follow_and_exit(self, [*jobs, *more], refused + too)

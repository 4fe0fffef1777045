"""Reads backups again from a terminal or from cron, to know that they are still good."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backups.management.reporting import follow_and_exit, request_all
from backups.models import Backup
from backups.verification import not_verified_since, request_verify


class Command(BaseCommand):
    help = (
        "Reads whole archives again and compares every byte with what was written. "
        "The exit status is 0 when all are sound and 1 when one is not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", help="a backup's name")
        parser.add_argument("--all", action="store_true", help="all backups")
        parser.add_argument(
            "--older-than",
            type=days,
            metavar="DAYS",
            help="those that were last found good longer ago than this",
        )

    def handle(self, *, files: list[str], older_than: float | None, **options: Any) -> None:
        if sum((bool(files), options["all"], older_than is not None)) != 1:
            raise CommandError("Name the backups, or give --all or --older-than.", returncode=2)
        if older_than is not None:
            files = names_of(not_verified_since(older_than))
        elif options["all"]:
            files = names_of(Backup.objects.order_by("created"))
        jobs, refused = request_all(self, files, request_verify)
        follow_and_exit(self, jobs, refused)


def names_of(backups: Any) -> list[str]:
    return list(backups.values_list("filename", flat=True))


def days(text: str) -> float:
    """A number of days, also a part of one."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 36500:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days")
    return number

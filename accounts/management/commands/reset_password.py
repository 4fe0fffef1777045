"""Gives a user a new password, as where the only administrator has forgotten theirs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.management.handing import add_password_option, given_password, tell
from accounts.people.queries import person_named
from accounts.people.services import reset_password
from containermonkey.problems import Problem


class Command(BaseCommand):
    help = (
        "Gives a user a one-time password, which has to be changed at the next sign-in, and ends "
        "all their sessions."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        add_password_option(parser)

    def handle(self, *, name: str, password: str, **options: Any) -> None:
        try:
            admission = reset_password(person_named(name).id, given_password(password))
        except Problem as problem:
            raise CommandError(str(problem)) from None
        if not admission.person.is_active:
            self.stderr.write(f"{name} is switched off, and cannot sign in until switched on.")
        tell(self, admission)

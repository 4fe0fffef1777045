"""Makes a user."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.management.handing import add_password_option, given_password, tell
from accounts.people.services import create_user
from accounts.rights import Role
from containermonkey.problems import Problem


class Command(BaseCommand):
    help = "Makes a user, who has to change the password at the first sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--role", required=True, choices=[role.word for role in Role])
        add_password_option(parser)

    def handle(self, *, name: str, role: str, password: str, **options: Any) -> None:
        try:
            tell(self, create_user(name, Role.of(role), given_password(password)))
        except Problem as problem:
            raise CommandError(str(problem)) from None

"""What the commands that give passwords have in common."""

import getpass
import sys

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.people.services import Admission

MAKE, ASK, STDIN = "make", "ask", "stdin"


def add_password_option(parser: CommandParser) -> None:
    parser.add_argument(
        "--password",
        choices=[MAKE, ASK, STDIN],
        default=MAKE,
        help="make one and print it (default), ask for it, or read a line of the standard input",
    )


def given_password(how: str) -> str:
    """What is typed in or piped; nothing where one is to be made. Raise CommandError for none."""
    if how == MAKE:
        return ""
    password = typed_password() if how == ASK else sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise CommandError("No password was given.")
    return password


def typed_password() -> str:
    password = getpass.getpass("One-time password: ")
    if getpass.getpass("Once more: ") != password:
        raise CommandError("The two passwords are not the same.")
    return password


def tell(command: BaseCommand, admission: Admission) -> None:
    """Say how somebody signs in now; the password alone on standard output where it was made."""
    command.stderr.style_func = None
    command.stderr.write(
        f"{admission.person.username} ({admission.person.role_words or 'no role'}) has to choose "
        "another password at the next sign-in."
    )
    if admission.made:
        command.stdout.write(admission.password)

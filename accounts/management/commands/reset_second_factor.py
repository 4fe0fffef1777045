"""For those who have neither their telephone nor a recovery code left."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.second_factor.services import is_on, reset


class Command(BaseCommand):
    help = "Take a user's second factor away, so that the password is enough, and end the sessions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no user named {username}.")
        if not is_on(user):
            raise CommandError(f"{username} has no second factor.")
        reset(user, "by command")
        self.stdout.write(f"{username} signs in without a code now.")

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.audit import audited
from containermonkey.encryption import KEY_FILE
from containermonkey.problems import Problem
from containermonkey.rotation import rotate_key


class Command(BaseCommand):
    help = "Encrypts all kept passwords and variables with a new key, while the program is stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with audited("key.rotate", KEY_FILE):
                number = rotate_key()
        except Problem as problem:
            raise CommandError(str(problem)) from None
        what = "1 secret has" if number == 1 else f"{number} secrets have"
        self.stdout.write(f"{what} a new key. Copies of {KEY_FILE} are out of date.")

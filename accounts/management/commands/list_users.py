"""Lists the users."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.people.queries import Person, list_people, person


class Command(BaseCommand):
    help = "Lists the users: name, role, whether they are switched off, and their last sign-in."

    def handle(self, **options: Any) -> None:
        people = [person(user) for user in list_people()]
        width = max((len(each.username) for each in people), default=0)
        for each in people:
            self.stdout.write(f"{each.username:<{width}}  {line_of(each)}")


def line_of(each: Person) -> str:
    last = f"{each.last_sign_in:%Y-%m-%d %H:%M} UTC" if each.last_sign_in else "never signed in"
    notes = [
        each.role_words or "no role",
        last,
        "" if each.is_active else "switched off",
        "has to change the password" if each.change_due else "",
        f"signs in through {each.provider}" if each.provider else "",
    ]
    return ", ".join(filter(None, notes))

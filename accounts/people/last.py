"""The one rule that no way around may break: somebody is left who can administer."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from accounts.people.queries import administrators
from containermonkey.problems import Conflict


class LastAdministrator(Conflict):
    code = "last_administrator"

    def __init__(self) -> None:
        super().__init__(
            "Nobody would be left who can sign in as administrator. Make another administrator "
            "first."
        )


@contextmanager
def an_administrator_stays() -> Iterator[None]:
    """Have all of the block done, or none of it where it would leave no administrator.

    Raise LastAdministrator then. Of two at once the second waits until the first is through:
    SQLite has one writer, and elsewhere the rows of all administrators are locked.
    """
    with transaction.atomic():
        before = list(administrators().select_for_update().order_by("pk").values_list("pk"))
        yield
        if before and not administrators().exists():
            raise LastAdministrator

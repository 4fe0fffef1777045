"""The lines of the audit trail, a page at a time or one after the other.

No line is counted and no page is numbered: a page begins where another ended, so that it comes at
once however many lines there are.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import AuditEntry
from accounts.trail.asking import Asked, Place
from containermonkey.problems import NotFound

PAGE_SIZE = 50
CHUNK = 500


@dataclass(frozen=True)
class TrailPage:
    """Lines, the newest first, and where those before and after them begin; None where none are."""

    lines: list[AuditEntry]
    newer: Place | None
    older: Place | None


def read_page(
    asked: Asked,
    *,
    before: Place | None = None,
    after: Place | None = None,
    size: int = PAGE_SIZE,
) -> TrailPage:
    """The newest lines that fit; `before` or `after` a place, older or newer ones than it."""
    found = AuditEntry.objects.filter(asked.condition)
    if after:
        lines = list(found.filter(after.newer).order_by("time", "pk")[: size + 1])
        more, lines = len(lines) > size, lines[:size][::-1]
        if not lines:
            return TrailPage([], None, after)
        return TrailPage(lines, place_if(more, lines[0]), Place.of_line(lines[-1]))
    lines = list(newest_first(found, before)[: size + 1])
    more, lines = len(lines) > size, lines[:size]
    if not lines:
        return TrailPage([], before, None)
    return TrailPage(lines, place_if(before is not None, lines[0]), place_if(more, lines[-1]))


def place_if(there: bool, line: AuditEntry) -> Place | None:
    return Place.of_line(line) if there else None


def newest_first(found: QuerySet[AuditEntry], before: Place | None) -> QuerySet[AuditEntry]:
    return (found.filter(before.older) if before else found).order_by("-time", "-pk")


def every_line(asked: Asked) -> Iterator[AuditEntry]:
    """All that fit, the newest first, a few hundred in memory at a time; no lock is held."""
    found, before = AuditEntry.objects.filter(asked.condition), None
    while lines := list(newest_first(found, before)[:CHUNK]):
        yield from lines
        before = Place.of_line(lines[-1])


def find_line(key: int) -> AuditEntry:
    """Raise NotFound if there is none."""
    line = AuditEntry.objects.filter(pk=key).first()
    if line is None:
        raise NotFound("There is no such line in the audit trail.")
    return line


def there_are_lines() -> bool:
    return AuditEntry.objects.exists()

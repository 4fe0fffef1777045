"""Which page shows a backup, by what it is of."""

from collections.abc import Callable, Mapping
from functools import wraps

from django.http import HttpRequest, HttpResponse

from backups.models import Backup

View = Callable[[HttpRequest, str], HttpResponse]


def by_kind(others: Mapping[str, View]) -> Callable[[View], View]:
    """Have another view answer at the same address where the backup is of another kind."""

    def decorate(usual: View) -> View:
        @wraps(usual)
        def chosen(request: HttpRequest, filename: str) -> HttpResponse:
            kind = Backup.objects.filter(filename=filename).values_list("kind", flat=True).first()
            return others.get(kind or "", usual)(request, filename)

        return chosen

    return decorate

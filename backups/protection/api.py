"""What is protected and what is not, as JSON."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from backups.protection.overview import overview
from backups.protection.queries import OLD_AFTER
from backups.protection.types import Item, State
from backups.schemas import Page, PageSize, Words

router = Router(tags=["Backups"])


class CoverageFilter(Schema):
    search: Words = ""
    state: Literal["", "protected", "old", "never", "excluded", "impossible"] = ""
    stack: Words = ""
    older_than: Annotated[int, Field(ge=1, le=3650)] = OLD_AFTER
    page: Page = 1
    page_size: PageSize = 100


class CoverageOut(Schema):
    coverage: list[Item]
    counts: dict[State, int]
    total: int


@router.get("/backup-coverage", response=CoverageOut)
def coverage(request: HttpRequest, asked: Query[CoverageFilter]) -> dict[str, Any]:
    """Every container's configuration and mounts: when each was last saved, and why it was not.

    Saved more than `older_than` days ago counts as old; a backup that was found damaged, or whose
    file is gone, does not count. `counts` are of what `search` and `stack` leave.
    """
    seen = overview(**asked.dict())
    return {"coverage": seen.items, "counts": seen.counts, "total": seen.page.paginator.count}

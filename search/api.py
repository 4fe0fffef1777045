from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema

from search.services import search_everywhere
from search.types import Found

router = Router(tags=["Search"])

MOST = 20


class ThingOut(Schema):
    kind: str
    label: str
    detail: str
    url: str


class GroupOut(Schema):
    kind: str
    title: str
    total: int
    things: list[ThingOut]


class FoundOut(Schema):
    """What was found, at most 20 of each kind; `problem` says why the host was not searched."""

    total: int
    groups: list[GroupOut]
    meant: str
    problem: str


@router.get("/search", response=FoundOut)
def search(request: HttpRequest, search: Annotated[str, Query("", max_length=300)]) -> Found:
    """Containers, stacks, images, volumes, networks, backups and pages with all of the words."""
    return search_everywhere(search, MOST)

"""Searching everything at once."""

import difflib
from urllib.parse import urlencode

from django.core.cache import cache
from django.urls import reverse

from accounts.masks import hides_secrets
from containermonkey.problems import EngineUnreachable, Problem
from engine.client import current_url
from search import sources
from search.types import Found, Group, Thing

FRESH_FOR = 5
"""Seconds for which what is on the host is remembered, so that not every letter asks for it."""

LONGEST_SLIP = 40
"""Characters beyond which nothing was typed, so that no slip is looked for: among thousands of ids
of 64 letters that takes seconds."""

ALIKE = 0.6
"""How much of a name has to be as it was typed for it to be what was meant; from 0 to 1."""

KINDS = {
    "page": ("Pages", "compass", ""),
    "container": ("Containers", "cube", "containers:list"),
    "stack": ("Stacks", "stack", "stacks:list"),
    "image": ("Images", "package", "images:list"),
    "volume": ("Volumes", "hard-drives", "volumes:list"),
    "network": ("Networks", "graph", "networks:list"),
    "backup": ("Backups", "archive", "backups:list"),
}
"""Title, icon and list page of each kind, in the order in which they are shown."""


def search_everywhere(search: str, most: int) -> Found:
    """What has every word of `search` in it, at most `most` of each kind, the likeliest first.

    Without words nothing is found. Where the Engine does not answer, pages and backups are found
    all the same.
    """
    words = search.casefold().split()
    if not words:
        return Found(search, [], 0)
    problem, there = "", sources.pages()
    try:
        there += on_host()
    except Problem as error:
        problem = str(error)
    found = [thing for thing in there if all(word in thing.text for word in words)]
    saved, count = sources.backups(search, most)
    groups = [
        *(group(kind, found, words, most) for kind in KINDS),
        Group("backup", *KINDS["backup"][:2], saved, count, list_of("backup", search)),
    ]
    total = len(found) + count
    shown = [group for group in groups if group.things]
    return Found(search, shown, total, "" if total else likeliest(search, there), problem)


def on_host() -> list[Thing]:
    """What is on the host, or was a moment ago. Raise the Problem that the Engine met then."""
    # What is hidden from some must not be found by them either, nor hidden from all others.
    key = f"search:{hides_secrets()}:{current_url()}"
    found = cache.get(key)
    if found is None:
        found = asked_host()
        cache.set(key, found, FRESH_FOR)
    things, problem = found
    if problem:
        raise EngineUnreachable(problem)
    return things


def asked_host() -> tuple[list[Thing], str]:
    """What is on the host, or why it is not known: that, too, not every letter asks for anew."""
    try:
        return sources.on_host(), ""
    except Problem as problem:
        return [], str(problem)


def group(kind: str, found: list[Thing], words: list[str], most: int) -> Group:
    """Those of one kind."""
    title, icon, _ = KINDS[kind]
    things = [thing for thing in found if thing.kind == kind]
    things.sort(key=lambda thing: (rank(thing, words), thing.label.casefold()))
    return Group(kind, title, icon, things[:most], len(things), list_of(kind, " ".join(words)))


def rank(thing: Thing, words: list[str]) -> int:
    """How likely something is what was looked for; the least is the likeliest."""
    label = thing.label.casefold()
    if label == " ".join(words):
        return 0
    if label.startswith(words[0]):
        return 1
    return 2 if all(word in label for word in words) else 3


def list_of(kind: str, search: str) -> str:
    view = KINDS[kind][2]
    return f"{reverse(view)}?{urlencode({'search': search})}" if view else ""


def likeliest(search: str, things: list[Thing]) -> str:
    """The name that is most like what was typed; empty where none is like it."""
    if len(search) > LONGEST_SLIP:
        return ""
    names = {thing.label.casefold(): thing.label for thing in things}
    found = difflib.get_close_matches(search.casefold(), names, n=1, cutoff=ALIKE)
    return names[found[0]] if found else ""

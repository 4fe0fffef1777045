"""Walking through all pages by their links, as somebody would who clicks on everything."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

from django.urls import resolve
from django.urls.exceptions import Resolver404
from playwright.sync_api import Error, Page

from tests.hostile.host import MARK

OF_LISTS = {"sort", "page", "state", "stack", "status", "type", "since", "live", "sizes", "view"}
"""What chooses among the rows of a list, and changes nothing about how each is shown."""

WRONG = """mark => {
    const found = [];
    if (window.struck) found.push("a script ran");
    if (document.querySelector(mark)) found.push("an element came in");
    for (const each of document.querySelectorAll("*"))
        for (const name of each.getAttributeNames()) {
            if (name.startsWith("on")) found.push(`${each.tagName} has ${name}`);
            if (["href", "src", "action", "data-hx-get", "data-hx-post"].includes(name)
                && !/^([/?#]|data:image)/.test(each.getAttribute(name))
                && new URL(each.getAttribute(name), location).host !== location.host)
                found.push(`${each.tagName} leads to ${each.getAttribute(name).slice(0, 80)}`);
            if (["title", "aria-label", "alt", "placeholder"].includes(name)
                && /[\\u202a-\\u202e\\u2066-\\u2069\\u0000-\\u0008\\u001b]/.test(
                    each.getAttribute(name)))
                found.push(`${each.tagName} has ${name} with what is not seen`);
        }
    const text = document.body ? document.body.innerText : "";
    if (/[\\u202a-\\u202e\\u2066-\\u2069\\u0000-\\u0008\\u001b]/.test(text))
        found.push("what is not seen is in the text: " + JSON.stringify(
            text.match(/.{0,40}[\\u202a-\\u202e\\u2066-\\u2069\\u0000-\\u0008\\u001b].{0,20}/)[0]));
    if (/\\$?\\b49\\b.{0,3}txt/.test(text)) found.push("a template was carried out");
    if (document.documentElement.scrollWidth > innerWidth)
        found.push(`it scrolls sideways (${document.documentElement.scrollWidth})`);
    return found;
}"""
LINKS = """() => [...document.querySelectorAll("a[href]")].map(each => each.getAttribute("href"))"""


@dataclass
class Walk:
    """What was seen on the way. `kinds` are the views with how many addresses each was asked by."""

    page: Page
    is_wanted: Callable[[str], bool]
    kinds: defaultdict[tuple[str, frozenset[str]], int] = field(
        default_factory=lambda: defaultdict(int)
    )
    files: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def views(self) -> set[str]:
        return {view for view, _ in self.kinds}

    def through(self, begins: list[str]) -> None:
        """Open what is told, and everything that leads from there."""
        left = list(begins)
        known = set(left)
        while left:
            address = left.pop(0)
            if not self.takes(address, asked=address in begins):
                continue
            for link in self.open(address):
                if link not in known:
                    known.add(link)
                    left.append(link)

    def takes(self, address: str, *, asked: bool) -> bool:
        """Whether there is something new about an address, and it is one of ours."""
        kind = kind_of(address)
        if kind is None or not self.is_wanted(kind[0]):
            return False
        self.kinds[kind] += 1
        return asked or self.kinds[kind] == 1

    def open(self, address: str) -> Iterator[str]:
        try:
            answer = self.page.goto(address, wait_until="domcontentloaded")
        except Error as error:
            if "Download is starting" not in str(error):
                raise
            self.files.append(address)
            return
        if answer is None or answer.status not in (200, 400, 404, 409, 502, 503):
            self.wrong.append(f"{address}: {answer and answer.status}")
        self.wrong += [f"{address}: {words}" for words in self.page.evaluate(WRONG, MARK)]
        for link in self.page.evaluate(LINKS):
            found = urlsplit(urljoin(address, link))
            if not found.scheme and not found.netloc:
                yield found._replace(fragment="").geturl()


def kind_of(address: str) -> tuple[str, frozenset[str]] | None:
    """The view that an address is of, and by what it is asked; None for what is no address."""
    parts = urlsplit(address)
    try:
        match = resolve(unquote(parts.path))
    except Resolver404:
        return None
    asked = parse_qs(parts.query, keep_blank_values=True)
    return match.view_name, frozenset(asked) - OF_LISTS


def as_part(text: str) -> str:
    """A text as a part of an address."""
    return quote(text, safe="")

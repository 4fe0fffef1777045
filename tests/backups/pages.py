"""Reading what a page says."""

from html.parser import HTMLParser

SILENT = {"script", "style", "template"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data.split()


def parsed(response) -> _Page:
    page = _Page()
    page.feed(response.content.decode())
    return page


def text_of(response) -> str:
    """The words of a page, with one space between them."""
    return " ".join(parsed(response).words)


def tags_of(response, tag: str, **attributes: str) -> list[dict[str, str | None]]:
    """The attributes of every such tag that has these."""
    return [
        found
        for name, found in parsed(response).tags
        if name == tag and attributes.items() <= found.items()
    ]


def links_of(response) -> list[str | None]:
    return [found.get("href") for found in tags_of(response, "a")]

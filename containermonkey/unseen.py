"""Characters that are not seen and change what is: they are shown as what they are.

A name, label or message may come from anybody. Nothing of it acts on a page, because all of it is
escaped; but the characters that turn the direction of text survive that, and with one of them
`exe.txt` is read where `txt.exe` stands.
"""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
"""Control characters, and those that turn the direction of text."""

SENT_BACK = re.compile(r'\svalue="[^"]*"|<textarea\b.*?</textarea>', re.DOTALL)
"""What a form sends back, which has to be what it was. Only markup has a bare quote."""


def made_visible(html: str) -> str:
    """Markup with a sign for each unseen character, but in what forms send back."""
    if not UNSEEN.search(html):
        return html
    shown, place = [], 0
    for kept in SENT_BACK.finditer(html):
        shown += [UNSEEN.sub("�", html[place : kept.start()]), kept.group()]
        place = kept.end()
    return "".join([*shown, UNSEEN.sub("�", html[place:])])


class VisibleText:
    """Has no page or fragment hold an unseen character where people read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_html = response.get("Content-Type", "").startswith("text/html")
        if is_html and not response.streaming:
            response.content = made_visible(response.content.decode()).encode()
        return response

"""What pages say of the audit trail."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import AuditEntry
from accounts.rights import OWN, RIGHT_OF
from accounts.trail.asking import Place, Reading
from accounts.trail.services import TrailPage, there_are_lines
from containermonkey.looks import Look

RESULTS = [("", "Every result"), ("done", "Done"), ("failed", "Failed or refused")]
LOOKS = {
    "done": Look("Done", "ok", icon="check-circle"),
    "failed": Look("Failed", "bad", icon="x-circle"),
}


@dataclass(frozen=True)
class Row:
    line: AuditEntry
    look: Look
    who: str


def context_of(words: dict[str, str], reading: Reading, page: TrailPage) -> dict[str, Any]:
    """Everything that the page of lines shows; `words` are what was typed into its form."""
    return words | {
        "wrong": reading.wrong,
        "rows": rows_of(page),
        "newer": way("accounts:audit", words, after=page.newer),
        "older": way("accounts:audit", words, before=page.older),
        "newest": way("accounts:audit", words),
        "export": way("accounts:audit_export", words),
        "chosen": " ".join(filter(None, words.values())),
        "acts": known_acts(),
        "results": RESULTS,
        "any_lines": bool(page.lines) or there_are_lines(),
    }


def row_of(line: AuditEntry) -> Row:
    return Row(line, LOOKS[line.result], line.username or "Nobody signed in")


def rows_of(page: TrailPage) -> list[Row]:
    return [row_of(line) for line in page.lines]


def known_acts() -> list[str]:
    """Acts to choose from while one types; there may be others."""
    acts = {*RIGHT_OF, *OWN}
    return sorted({*acts, *(f"{act.partition('.')[0]}.*" for act in acts)})


def way(view: str, words: dict[str, str], **more: Place | None) -> str:
    """An address with what is asked for, and where its page begins; empty without a place."""
    if more and not any(more.values()):
        return ""
    chosen = {name: text for name, text in words.items() if text}
    query = urlencode(chosen | {name: str(place) for name, place in more.items()})
    return f"{reverse(view)}?{query}" if query else reverse(view)


def details_of(line: AuditEntry) -> str:
    """The details as JSON to be read; nothing where there are none."""
    if not line.details:
        return ""
    return json.dumps(line.details, indent=2, ensure_ascii=False, default=str)


def facts_of(line: AuditEntry) -> list[tuple[str, Any]]:
    return [
        ("When", f"{line.time:%-d %b %Y, %H:%M:%S} UTC"),
        ("Who", line.username or "Nobody signed in"),
        ("From", line.address or None),
        ("Act", line.action),
        ("On", line.target or None),
        ("Line", line.pk),
    ]

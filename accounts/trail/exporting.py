"""The audit trail as CSV, made while it is sent."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django.db import close_old_connections, connection
from django.utils import timezone

from accounts.audit import record
from accounts.models import AuditEntry
from accounts.trail.asking import Asked
from accounts.trail.services import every_line
from containermonkey.downloads import Content

HEAD = ["id", "time", "user", "address", "act", "target", "result", "problem", "details"]
BLOCK = 64 * 1024

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With these a cell begins that a spreadsheet would work out instead of showing it."""


def export(asked: Asked) -> Content:
    """The lines that fit, with a head; that somebody took them is a line as well."""
    record("audit.export", "audit trail", asked=told(asked))
    name = f"audit-{timezone.now().astimezone(UTC):%Y%m%d-%H%M%S}.csv"
    return Content(name, None, lambda: blocks(asked))


def told(asked: Asked) -> dict[str, Any]:
    return {name: str(value) for name, value in vars(asked).items() if value}


def blocks(asked: Asked) -> Iterator[bytes]:
    """Pieces of some 64 KiB."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEAD)
    for line in every_line(asked):
        writer.writerow([guarded(cell) for cell in cells(line)])
        if buffer.tell() >= BLOCK:
            let_go()
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    let_go()
    yield buffer.getvalue().encode()


def let_go() -> None:
    """Close the connection: each piece may be made in another thread, and nobody else would."""
    if not connection.in_atomic_block:
        close_old_connections()


def cells(line: AuditEntry) -> list[str]:
    return [
        str(line.pk),
        line.time.astimezone(UTC).isoformat(),
        line.username,
        line.address,
        line.action,
        line.target,
        line.result,
        line.problem,
        json.dumps(line.details, ensure_ascii=False, default=str) if line.details else "",
    ]


def guarded(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell

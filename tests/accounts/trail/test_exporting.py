"""The audit trail as CSV."""

import asyncio
import csv
import io
import tracemalloc

import pytest

from accounts.models import AuditEntry
from accounts.trail.asking import Asked
from accounts.trail.exporting import BLOCK, FORMULA, blocks, export
from tests.accounts.trail.lines import add_line, add_many

EXPORT = "/accounts/audit/export/"


def rows_of(**query: str) -> list[dict[str, str]]:
    return rows_in(b"".join(export(Asked.of(query)).pieces()))


def rows_in(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


@pytest.mark.django_db
def test_holds_the_lines_that_fit():
    add_line(0, target="web", details={"id": "4f"}, address="192.0.2.7")
    add_line(1, target='a "b", c\nd', result="failed", problem="No.")
    add_line(2, username="otto")
    rows = rows_of(user="ada", until="2026-03-01T13:00")
    assert [row["target"] for row in rows] == ['a "b", c\nd', "web"]
    assert rows[1] | {"id": ""} == {
        **{"id": "", "time": "2026-03-01T12:00:00+00:00", "user": "ada", "problem": ""},
        **{"act": "container.start", "target": "web", "result": "done", "address": "192.0.2.7"},
        "details": '{"id": "4f"}',
    }


@pytest.mark.django_db
@pytest.mark.parametrize("first", FORMULA)
def test_no_cell_is_a_formula(first):
    add_line(target=f"{first}SUM(A1)", username=f"{first}x", problem=f"{first}cmd|' /C calc'!A0")
    [row] = rows_of(act="container.start")
    for name in ("target", "user", "problem"):
        assert row[name].startswith(f"'{first}")


def test_is_a_file_that_nobody_keeps_and_that_somebody_took_it_is_a_line(admin_client):
    answer = admin_client.get(EXPORT, {"target": "web"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"].startswith('attachment; filename="audit-')
    line = AuditEntry.objects.get()
    assert (line.username, line.action, line.details) == (
        "ada",
        "audit.export",
        {"asked": {"target": "web"}},
    )


@pytest.mark.django_db(transaction=True)
def test_comes_while_it_is_made(admin_client):
    add_many(3000)

    async def whole(answer) -> list[bytes]:
        return [piece async for piece in answer.streaming_content]

    pieces = asyncio.run(whole(admin_client.get(EXPORT, {"user": "user*"})))
    assert len(pieces) > 2
    assert len(rows_in(b"".join(pieces))) == 3000


def test_says_what_makes_no_sense(admin_client):
    assert admin_client.get(EXPORT, {"since": "tomorrow"}).status_code == 400


@pytest.mark.django_db
def test_takes_no_more_memory_the_more_lines_there_are():
    peaks = []
    for _ in range(2):
        add_many(2000)
        tracemalloc.start()
        assert sum(len(block) for block in blocks(Asked())) > BLOCK
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.3

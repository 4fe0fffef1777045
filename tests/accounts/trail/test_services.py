"""Lines are found by what is asked for, a page at a time."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from accounts.trail.asking import Asked, Place
from accounts.trail.services import every_line, read_page
from containermonkey.problems import Invalid
from tests.accounts.trail.lines import add_line, add_many

pytestmark = pytest.mark.django_db


def found(**words: str) -> list[str]:
    return [line.problem for line in read_page(Asked.of(words)).lines]


def test_lines_are_found_by_what_is_asked_for():
    add_line(0, problem="a", username="ada", target="web", address="192.0.2.7")
    add_line(1, problem="b", username="bob", target="webapp", action="container.stop")
    add_line(2, problem="c", username="", action="account.sign_in", target="", result="failed")
    add_line(3, problem="d", username="ada", action="backup.delete", target="web_2026.tar.gz")
    assert found() == ["d", "c", "b", "a"]
    assert found(user="ada") == ["d", "a"]
    assert found(user="-") == ["c"]
    assert found(user="a") == []
    assert found(act="container.*") == ["b", "a"]
    assert found(act="container.stop") == ["b"]
    assert found(target="web") == ["a"]
    assert found(target="web*") == ["d", "b", "a"]
    assert found(target="WEB*") == []
    assert found(target="w%") == []
    assert found(address="192.0.2.*") == ["a"]
    assert found(result="failed") == ["c"]
    assert found(since="2026-03-01T12:01", until="2026-03-01T12:02") == ["c", "b"]
    assert found(since="1h") == []
    assert found(user="ada", act="backup.*", result="done", target="web*") == ["d"]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"since": "yesterday"}, "since"),
        ({"until": "2026-13-01"}, "until"),
        ({"since": "2026-03-02T12:00", "until": "2026-03-01T12:00"}, "until"),
        ({"result": "maybe"}, "result"),
        ({"target": "nul\0"}, "target"),
    ],
)
def test_what_makes_no_sense_is_said_by_its_field(words, field):
    with pytest.raises(Invalid) as said:
        Asked.of(words)
    assert list(said.value.fields) == [field]


def test_pages_join_without_a_gap_or_a_line_twice_whatever_times_they_have():
    for number in range(23):
        add_line(number // 5, problem=str(number))
    asked, seen, before = Asked(), [], None
    while True:
        page = read_page(asked, before=before, size=5)
        assert (page.newer is None) == (before is None)
        seen += [line.problem for line in page.lines]
        if not (before := page.older):
            break
    assert seen == [str(number) for number in reversed(range(23))]
    back, after = [], page.newer
    while after:
        page = read_page(asked, after=after, size=5)
        back = [line.problem for line in page.lines] + back
        after = page.newer
    assert back == seen[:20]


def test_a_place_outlives_its_line():
    lines = [add_line(number) for number in range(3)]
    place = Place.of_line(lines[1])
    AuditEntry._base_manager.filter(pk=lines[1].pk).delete()
    assert read_page(Asked(), before=Place.of(str(place))).lines == [lines[0]]
    assert read_page(Asked(), after=Place.of(str(place), "after")).lines == [lines[2]]


@pytest.mark.parametrize("word", ["x", "1-", "-1", "1-x", "9" * 30 + "-1", "1-" + "9" * 30])
def test_a_place_that_nobody_gave_is_refused(word):
    with pytest.raises(Invalid) as said:
        Place.of(word)
    assert list(said.value.fields) == ["before"]


MANY = 50_000

LOOKS = {
    "all": {},
    "a user": {"user": "user3"},
    "a user who is not there": {"user": "nobody"},
    "an act": {"act": "container.a"},
    "acts": {"act": "backup.*"},
    "a target": {"target": "thing3"},
    "a target that is not there": {"target": "nothing"},
    "targets that are not there": {"target": "nothing*"},
    "an address": {"address": "192.0.2.3"},
    "a result": {"result": "failed"},
    "a span": {"since": "2026-03-01T12:10", "until": "2026-03-01T12:20"},
    "a user in a span": {"user": "user3", "until": "2026-03-01T12:20"},
}


def test_whatever_is_asked_for_is_found_by_an_index():
    add_many(MANY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    place = Place.of_line(AuditEntry.objects.order_by("pk")[MANY // 2])
    for name, words in LOOKS.items():
        for where in ({}, {"before": place}, {"after": place}):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                read_page(Asked.of(words), **where)
            assert len(queries) == 1
            plan = plan_of(queries[0]["sql"])
            is_beginning = "*" in "".join(words.values())
            # By PostgreSQL, beginnings are looked for in an index only under the collation "C".
            assert INDEXED in plan or (is_beginning and not SQLITE), (name, plan)
            # It sorts a few lines where it thinks that quicker, which SQLite never does.
            assert "TEMP B-TREE" not in plan or is_beginning, (name, plan)


SQLITE = connection.vendor == "sqlite"
INDEXED = "USING INDEX audit_" if SQLITE else "audit_"


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'QUERY PLAN' if SQLITE else ''} {sql}")
        return " | ".join(str(row[-1]) for row in cursor.fetchall())


def test_every_line_is_read_in_pieces():
    add_many(3000)
    with CaptureQueriesContext(connection) as queries:
        keys = [line.pk for line in every_line(Asked.of({"user": "user*"}))]
    assert len(keys) == len(set(keys)) == 3000
    assert keys == sorted(keys, reverse=True)
    assert len(queries) == 3000 // 500 + 1

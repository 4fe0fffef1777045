"""Which containers a schedule covers"""

import pytest

from backups.schedules.coverage import Candidate, covered_now, covered_of
from backups.schedules.options import ScheduleOptions
from tests.backups.records import make_record

FOUND = [
    Candidate("web", "1", {"tier": "front", "backup": ""}, "shop"),
    Candidate("db", "2", {"tier": "back"}, "shop"),
    Candidate("db-old", "3", {}, None),
]


def covered(**options) -> list[str]:
    return covered_of(ScheduleOptions("s", "@daily", **options), FOUND).names


@pytest.mark.parametrize(
    ("named", "names"),
    [
        ({"names": ["db"]}, ["db"]),
        ({"labels": ["tier"]}, ["db", "web"]),
        ({"labels": ["tier=back"]}, ["db"]),
        ({"labels": ["backup="]}, ["web"]),
        ({"labels": ["tier=bac"]}, []),
        ({"stacks": ["shop"]}, ["db", "web"]),
        ({"names": ["db-old"], "labels": ["tier=front"]}, ["db-old", "web"]),
    ],
)
def test_by_name_label_or_stack(named, names):
    assert covered(covers="only", **named) == names
    others = {"web", "db", "db-old"} - set(names)
    assert covered(covers="except", **named) == sorted(others)


def test_everything_is_everything():
    assert covered() == ["db", "db-old", "web"]


def test_what_is_named_and_is_not_there_is_said():
    options = ScheduleOptions(
        "s", "@daily", covers="only", names=["d"], labels=["tier=x", "no"], stacks=["shops"]
    )
    assert covered_of(options, FOUND).missing == [
        "No container is called “d”.",
        "No container has the label “tier=x”.",
        "No container has the label “no”.",
        "There is no stack “shops”.",
    ]


@pytest.mark.django_db
def test_a_verification_also_covers_what_is_gone_and_was_saved(make_container):
    make_container("web", labels={"tier": "front"}, start=False)
    make_record("web")
    make_record("gone")
    options = {"name": "s", "expression": "@daily", "task": "verify"}
    assert covered_now(ScheduleOptions(**options)).names == ["gone", "web"]
    only = ScheduleOptions(**options, covers="only", labels=["tier"], names=["gone"])
    assert covered_now(only).missing == []
    assert covered_now(only).names == ["gone", "web"]
    backups = ScheduleOptions(**options | {"task": "backup"})
    assert covered_now(backups).names == ["web"]

"""A backup that is suddenly much smaller than those before"""

import pytest

from backups.models import Backup
from backups.retention.alarm import alarm_of, open_alarms, take_note, usual_size
from tests.backups.records import METADATA, make_record

pytestmark = pytest.mark.django_db
MIB = 1 << 20


def record(age: int, size: int, *, folder: int | None = None) -> Backup:
    """Record a backup with so much data in its volume, and in a folder of the host."""
    volumes = [{"type": "volume", "size": size}]
    if folder is not None:
        volumes.append({"type": "bind", "size": folder})
    backup = make_record(age=age, metadata=METADATA | {"volumes": volumes})
    backup.usual_size = usual_size(backup)
    backup.save()
    return backup


def test_the_first_one_is_not_small():
    assert record(0, 0).usual_size is None


def test_less_than_half_of_the_median_of_the_last_five_is_small():
    for age, size in [(9, 60), (5, 90), (4, 110), (3, 100), (2, 130), (1, 80)]:
        assert record(age, size * MIB).usual_size is None
    backup = record(0, 49 * MIB)
    assert backup.usual_size == 100 * MIB
    assert alarm_of(backup) == (
        "It holds 49 MiB of data; the backups before it held about 100 MiB."
    )


@pytest.mark.parametrize(("before", "now"), [(100, 50), (100, 200), (0, 0)])
def test_half_of_it_or_more_is_not(before, now):
    record(1, before * MIB)
    assert record(0, now * MIB).usual_size is None


def test_a_loss_of_next_to_nothing_is_not():
    record(1, 40_000)
    assert record(0, 0).usual_size is None


def test_other_containers_do_not_count():
    make_record("db", 1, metadata=METADATA | {"volumes": [{"type": "volume", "size": 10**9}]})
    assert record(0, 1).usual_size is None


def test_folders_that_were_not_asked_for_do_not_count():
    record(2, 10 * MIB, folder=900 * MIB)
    assert record(1, 10 * MIB).usual_size is None
    assert record(0, 10 * MIB, folder=1).usual_size == 460 * MIB


def test_it_is_said_of_each_until_somebody_has_seen_it():
    record(5, 100 * MIB)
    small = [record(age, MIB) for age in (4, 3)]
    assert [backup.usual_size for backup in small] == [100 * MIB, 100 * MIB]
    assert open_alarms().count() == 2
    take_note(small[1])
    assert not open_alarms().exists()
    small[1].refresh_from_db()
    assert alarm_of(small[1]) == ""
    assert record(2, MIB).usual_size is None
    assert record(1, 0).usual_size == MIB

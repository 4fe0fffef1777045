"""backups.protection.queries: how each mount of each container is protected"""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from backups.models import Backup
from backups.protection.queries import protection
from backups.protection.types import Item
from backups.schedules.options import ScheduleOptions
from backups.schedules.services import create_schedule
from tests.backups.records import METADATA, make_record
from tests.backups.steps import backed_up
from tests.engine_calls import recorded_calls

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder of the host beside our own data."""
    path = tmp_path / "folder"
    path.mkdir()
    return path


def items(container: str = "web", **options: int) -> dict[str, Item]:
    """What is said of a container, by destination; the configuration's is empty."""
    found = [item for item in protection(**options) if item.container == container]
    assert len({item.destination for item in found}) == len(found)
    return {item.destination: item for item in found}


def states(container: str = "web", **options: int) -> dict[str, str]:
    return {where: item.state for where, item in items(container, **options).items()}


def aged(backup: Backup, days: int) -> None:
    backup.created = timezone.now() - timedelta(days=days)
    backup.save(update_fields=["created"])


def test_what_was_never_backed_up_is_said_so(make_container):
    make_container("web", start=False, host={"binds": ["data:/data"]})
    assert states() == {"": "never", "/data": "never"}


def test_what_is_in_the_last_backup_is_protected(make_container):
    make_container("web", start=False, host={"binds": ["data:/data"]})
    backup = backed_up("web")
    assert states() == {"": "protected", "/data": "protected"}
    item = items()["/data"]
    assert (item.name, item.filename, item.saved_at) == ("data", backup.filename, backup.created)


def test_one_without_mounts_has_its_configuration(make_container):
    make_container("web", start=False)
    backed_up("web")
    assert states() == {"": "protected"}


def test_a_folder_that_was_not_asked_for_is_left_out(make_container, folder):
    make_container("web", start=False, host={"binds": [f"{folder}:/f"]})
    assert states() == {"": "never", "/f": "never"}
    backed_up("web")
    item = items()["/f"]
    assert (item.state, item.reason) == ("excluded", "Bind mounts were not asked for.")


def test_an_older_backup_that_holds_it_counts(make_container, folder):
    make_container("web", start=False, host={"binds": [f"{folder}:/f"]})
    whole = backed_up("web", include_bind_mounts=True)
    backed_up("web")
    item = items()["/f"]
    assert (item.state, item.filename) == ("protected", whole.filename)
    assert item.reason == "Bind mounts were not asked for."


def test_what_can_be_in_no_backup_says_why(make_container, docker):
    folder = {"type": "none", "o": "bind", "device": "/etc"}
    docker.create_volume("etc", driver_opts=folder)
    binds = ["/var/run/docker.sock:/sock", "/:/host:ro", "etc:/etc-of-host"]
    make_container("web", start=False, host={"binds": binds})
    found = items()
    impossible = [found[where] for where in ("/sock", "/host", "/etc-of-host")]
    assert {item.state for item in impossible} == {"impossible"}
    assert "Docker socket" in found["/sock"].reason
    assert all(item.reason for item in impossible)


def test_what_was_mounted_since_is_not_protected(make_container, docker):
    old = make_container("web", start=False)
    backed_up("web")
    docker.remove_container(old)
    make_container("web", start=False, host={"binds": ["data:/data"]})
    item = items()["/data"]
    assert (item.state, item.reason) == ("never", "It was mounted after the last backup.")


def test_another_volume_at_the_same_place_is_not_protected(make_container, docker):
    old = make_container("web", start=False, host={"binds": ["data:/data"]})
    backed_up("web")
    docker.remove_container(old)
    make_container("web", start=False, host={"binds": ["other:/data"]})
    assert states() == {"": "protected", "/data": "never"}


@pytest.mark.parametrize(("days", "older_than"), [(8, 7), (2, 1), (31, 30)])
def test_what_was_saved_long_ago_is_old(make_container, days, older_than):
    make_container("web", start=False, host={"binds": ["data:/data"]})
    aged(backed_up("web"), days)
    assert set(states(older_than=older_than).values()) == {"old"}
    assert set(states(older_than=days + 1).values()) == {"protected"}


def test_a_damaged_backup_does_not_count(make_container):
    make_container("web", start=False, host={"binds": ["data:/data"]})
    backup = backed_up("web")
    backup.verified = False
    backup.save(update_fields=["verified"])
    assert set(states().values()) == {"never"}


def test_a_backup_whose_file_is_gone_does_not_count(make_container, data_dir):
    make_container("web", start=False, host={"binds": ["data:/data"]})
    older = backed_up("web")
    newer = backed_up("web")
    (data_dir / "backups" / newer.filename).unlink()
    assert items()["/data"].filename == older.filename
    (data_dir / "backups" / older.filename).unlink()
    assert set(states().values()) == {"never"}


def test_without_a_backup_directory_nothing_is_protected(make_container, data_dir):
    make_container("web", start=False)
    make_record("web")
    (data_dir / "backups").rmdir()
    assert states() == {"": "never"}


def test_a_name_that_begins_alike_is_another_container(make_container):
    make_container("app", start=False)
    make_container("app-db", start=False)
    backed_up("app-db")
    assert (states("app"), states("app-db")) == ({"": "never"}, {"": "protected"})


def test_we_ourselves_are_not_among_them(make_container):
    make_container("monkey", start=False, labels={"containermonkey.self": "1"})
    assert protection() == []


def test_the_schedules_are_named_that_back_it_up(make_container):
    make_container("web", start=False, host={"binds": ["data:/data"]})
    create_schedule(ScheduleOptions("nightly", "@daily", "UTC", covers="only", names=["web"]))
    create_schedule(ScheduleOptions("others", "@daily", "UTC", covers="except", names=["web"]))
    create_schedule(ScheduleOptions("checks", "@daily", "UTC", task="verify"))
    assert [item.schedules for item in protection()] == [["nightly"], ["nightly"]]


def test_folders_in_memory_are_named_with_their_reason(make_container):
    make_container("web", start=False, host={"tmpfs": {"/scratch": "size=1m", "/run": ""}})
    assert states() == {"": "never", "/run": "impossible", "/scratch": "impossible"}
    assert (items()["/run"].type, items()["/run"].name) == ("tmpfs", "")
    assert "in memory" in items()["/run"].reason
    backed_up("web")
    assert states() == {"": "protected", "/run": "impossible", "/scratch": "impossible"}


def test_a_container_that_is_made_again_is_looked_at_again(docker, make_container):
    make_container("web", start=False, host={"tmpfs": {"/scratch": ""}})
    assert set(items()) == {"", "/scratch"}
    docker.remove_container("web")
    make_container("web", start=False, host={"tmpfs": {"/other": ""}})
    assert set(items()) == {"", "/other"}


def test_a_container_that_is_new_costs_one_more_call_once(make_container):
    make_container("web", start=False)
    protection()
    make_container("new", start=False)
    with recorded_calls() as calls:
        protection()
    assert sum(call.endswith("/json") and call.count("/") == 4 for call in calls) == 1, calls
    with recorded_calls() as calls:
        protection()
    assert len(calls) == 4, calls


def test_its_cost_does_not_grow(make_container, data_dir, django_assert_num_queries):
    for number in range(5):
        make_container(f"web{number}", start=False, host={"binds": [f"v{number}:/data"]})
        for age in range(3):
            backup = make_record(f"web{number}", age=age, metadata=METADATA)
            (data_dir / "backups" / backup.filename).touch()
    protection()  # the first of all asks for the Engine's version, and looks at what is new
    with recorded_calls() as calls, django_assert_num_queries(2):
        assert len(protection()) == 10
    asked = sorted(call.split("/", 2)[2] for call in calls)
    # Containers twice: all of them, and those of this program.
    assert asked == ["containers/json", "containers/json", "info", "volumes"]

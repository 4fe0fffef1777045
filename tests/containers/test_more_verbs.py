"""containers.services: pause, unpause, kill, rename"""

import pytest

from accounts.models import AuditEntry
from containermonkey.problems import Conflict, Invalid, NotAllowed, NotFound
from containers import services, signals
from jobs.models import Job, Status
from tests.backups.odd_names import ODD_NAMES

pytestmark = pytest.mark.django_db

VERBS = [
    services.pause_container,
    services.unpause_container,
    services.kill_container,
    lambda reference: services.rename_container(reference, "other"),
]


def test_pausing_and_pausing_again(docker, make_container):
    make_container("web")
    acted = services.pause_container("web")
    assert (acted.changed, acted.container.status) == (True, "paused")
    assert services.pause_container("web").changed is False
    acted = services.unpause_container("web")
    assert (acted.changed, acted.container.status) == (True, "running")
    assert services.unpause_container("web").changed is False


@pytest.mark.parametrize("verb", VERBS[:3])
def test_what_does_not_run_is_a_conflict(make_container, verb):
    make_container("web", start=False)
    with pytest.raises(Conflict, match="web is not running"):
        verb("web")


@pytest.mark.parametrize("signal", ["KILL", "sigkill", "9", "SIGKILL"])
def test_a_signal_has_several_names(docker, make_container, signal):
    made = make_container("web")
    assert services.kill_container("web", signal).changed is True
    docker.wait(made)
    assert docker.inspect_container("web")["State"]["ExitCode"] == 137


def test_a_signal_that_it_can_live_with_leaves_it_running(docker, make_container):
    make_container(
        "web", command=["sh", "-c", "trap 'touch /seen' USR1; while :; do sleep 0.1; done"]
    )
    assert services.kill_container("web", "USR1").container.status == "running"


@pytest.mark.parametrize(
    "signal", ["", "0", "65", "-9", "SIGNONE", "KILL;", "\uff19", "9 9", "x" * 300]
)
def test_a_signal_that_does_not_exist_is_named(make_container, signal):
    make_container("web")
    with pytest.raises(Invalid) as caught:
        services.kill_container("web", signal)
    assert "signal" in caught.value.fields


@pytest.mark.parametrize("number", range(1, 65))
def test_every_number_of_a_signal_is_known(number):
    if number in (32, 33):  # kept by the C library for itself
        with pytest.raises(Invalid):
            signals.named(str(number))
    else:
        assert signals.named(str(number))


def test_renaming(docker, make_container):
    made = make_container("web")
    acted = services.rename_container("web", "shop")
    assert (acted.changed, acted.container.name) == (True, "shop")
    assert services.rename_container(made, "shop").changed is False
    assert docker.inspect_container("shop")["Id"] == made


def test_a_name_that_is_taken_is_a_conflict(docker, make_container):
    make_container("web", start=False)
    make_container("db", start=False)
    with pytest.raises(Conflict, match="There is a container named db already") as caught:
        services.rename_container("web", "db")
    assert list(caught.value.fields) == ["name"]
    assert docker.inspect_container("web")


@pytest.mark.parametrize("name", ["", "a", "-a", "a b", "a/b", "é" * 3, "a" * 300, "a\n"])
def test_what_is_no_name_is_named(make_container, name):
    make_container("web", start=False)
    with pytest.raises(Invalid) as caught:
        services.rename_container("web", name)
    assert "name" in caught.value.fields


def test_the_name_of_something_a_job_works_on_is_left_to_it(make_container):
    make_container("web", start=False)
    Job.objects.create(kind="restore", subject="shop", status=Status.RUNNING)
    with pytest.raises(Conflict, match="restore of shop"):
        services.rename_container("web", "shop")


@pytest.mark.parametrize("verb", VERBS)
def test_ourselves_are_out_of_reach(docker, make_container, verb):
    make_container("monkey", labels={"containermonkey.self": "1"})
    with pytest.raises(NotAllowed):
        verb("monkey")
    assert docker.inspect_container("monkey")["State"]["Status"] == "running"


@pytest.mark.parametrize("verb", VERBS)
def test_a_job_is_not_disturbed(make_container, verb):
    make_container("web")
    Job.objects.create(kind="backup", subject="web", status=Status.RUNNING)
    with pytest.raises(Conflict, match="backup of web is running"):
        verb("web")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", ["nobody", *ODD_NAMES])
def test_what_is_not_there_is_not_found(engine, verb, name):
    with pytest.raises(NotFound):
        verb(name)


def test_each_act_leaves_a_line_in_the_trail(make_container):
    make_container("web")
    services.kill_container("web", "USR1")
    services.rename_container("web", "shop")
    with pytest.raises(Conflict):
        services.delete_container("shop")
    lines = AuditEntry.objects.order_by("pk").values_list("action", "target", "result")
    assert [*lines] == [
        ("container.kill", "web", "done"),
        ("container.rename", "web", "done"),
        ("container.delete", "shop", "failed"),
    ]

"""Deleting what nobody uses: shown first, then exactly that."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from docker import APIClient

from engine import engine
from engine.helpers import helper
from engine.identity import JOB_LABEL, SELF_LABEL
from jobs.models import Job, Kind, Status
from tests.arrange import ContainerMaker
from tests.backups.conftest import client as client  # everybody who is signed in
from tests.backups.pages import tags_of, text_of
from tests.engine_calls import recorded_calls
from tests.volumes.conftest import Save
from volumes.making import REMOVE
from volumes.pruning import unused_volumes
from volumes.sizes import Sizes, counter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

JSON = "application/json"
PAGE = "/volumes/-/prune/"
NAMELESS, USED = "a" * 64, "b" * 64


@pytest.fixture
def some(docker: APIClient, make_container: ContainerMaker) -> None:
    """Two that nobody uses, one of them without a name, and two that a stopped container does."""
    docker.create_volume(NAMELESS)
    docker.create_volume("named", labels={"com.docker.compose.project": "shop"})
    binds = [f"{USED}:/data", "used:/used"]
    make_container("web", host={"binds": binds}, start=False)


def names(docker: APIClient) -> set[str]:
    return {volume["Name"] for volume in docker.volumes()["Volumes"] or []}


def prune(client: Client, **body: Any) -> dict[str, Any]:
    answer = client.post("/api/volumes/prune", body, JSON)
    assert answer.status_code == 200, answer.content
    return answer.json()


def know_sizes(**sizes: int) -> None:
    cache.set(counter.key, Sizes(sizes, datetime.now(UTC)))


def test_what_would_go_is_shown_and_nothing_goes(
    client: Client, docker: APIClient, some: None, saved: Save
) -> None:
    saved("named", "web_1.tar.gz")
    before = names(docker)
    page = client.get(PAGE)
    assert [box["value"] for box in tags_of(page, "input", name="id")] == [NAMELESS]
    assert "never backed up" in text_of(page)
    assert "nobody had the sizes counted lately" in text_of(page)
    page = client.get(f"{PAGE}?all=1")
    assert [box["value"] for box in tags_of(page, "input", name="id")] == [NAMELESS, "named"]
    assert "stack shop" in text_of(page)
    assert "backed up just now" in text_of(page)
    assert names(docker) == before


def test_exactly_what_was_picked_goes(client: Client, docker: APIClient, some: None) -> None:
    docker.create_volume("c" * 64)
    know_sizes(**{NAMELESS: 3 << 20})
    page = text_of(client.post(PAGE, {"id": [NAMELESS]}, follow=True))
    assert "Deleted 1 volume, 3 MiB" in page
    assert names(docker) == {"c" * 64, "named", USED, "used"}
    page = text_of(client.post(f"{PAGE}?all=1", {"id": ["named"]}, follow=True))
    assert "Deleted 1 volume" in page
    assert names(docker) == {"c" * 64, USED, "used"}


def test_one_that_is_in_use_by_now_is_left_and_named(
    client: Client, docker: APIClient, some: None
) -> None:
    sent = {"id": [NAMELESS, USED, "d" * 64, "named"]}
    page = text_of(client.post(PAGE, sent, follow=True))
    assert "Deleted 1 volume" in page
    assert "3 volumes could not be deleted." in page
    assert f"The volume {USED} is in use by web" in page
    assert "There is no volume named" in page
    assert "The volume named has a name" in page
    assert names(docker) == {"named", USED, "used"}


def test_nothing_picked_and_nothing_unused_are_said(
    client: Client, docker: APIClient, some: None
) -> None:
    assert "No volume was selected" in text_of(client.post(PAGE, follow=True))
    docker.remove_volume(NAMELESS)
    page = client.get(PAGE)
    assert "There is no unused volume without a name" in text_of(page)
    assert not tags_of(page, "button", form="dialog-form")
    docker.remove_volume("named")
    assert "Every volume is mounted by a container" in text_of(client.get(f"{PAGE}?all=1"))


def test_the_space_gained_is_told_only_where_it_is_known(
    client: Client, docker: APIClient, some: None
) -> None:
    assert prune(client, all=True, dry_run=True)["space_reclaimed"] is None
    know_sizes(**{NAMELESS: 5})
    told = prune(client, all=True, dry_run=True)
    assert told["space_reclaimed"] is None
    assert "at least 5 B" in text_of(client.get(f"{PAGE}?all=1"))
    know_sizes(**{NAMELESS: 5, "named": 7, "used": 100})
    assert "That makes 12 B of room" in text_of(client.get(f"{PAGE}?all=1"))
    told = prune(client, all=True)
    assert told["space_reclaimed"] == 12
    assert told["deleted"] == [NAMELESS, "named"]
    assert names(docker) == {USED, "used"}


def test_the_api_takes_those_without_a_name_unless_told_otherwise(
    client: Client, docker: APIClient, some: None
) -> None:
    told = prune(client, dry_run=True)
    assert [volume["name"] for volume in told["volumes"]] == [NAMELESS]
    assert (told["deleted"], told["failed"], told["remaining"]) == ([], [], 0)
    told = prune(client, names=["named", NAMELESS])
    assert told["deleted"] == [NAMELESS]
    assert [each["name"] for each in told["failed"]] == ["named"]
    assert names(docker) == {"named", USED, "used"}
    assert prune(client, names=[], all=True)["deleted"] == []
    assert client.post("/api/volumes/prune", {"all": True}).status_code == 415
    assert client.post("/api/volumes/prune", {"everything": True}, JSON).status_code == 400


def test_what_a_job_works_with_is_left_alone(client: Client, docker: APIClient, some: None) -> None:
    entry = {"key": 1, "action": REMOVE, "arguments": {"name": "named", "job": "x", "made": True}}
    job = Job.objects.create(kind=Kind.RESTORE, status=Status.RUNNING, undo=[entry])
    place = {"key": 1, "action": "volumes.put_back", "arguments": {"place": {"source": NAMELESS}}}
    left = Job.objects.create(kind=Kind.RESTORE, status=Status.FAILED, undo=[place])
    docker.create_volume("cloned")
    about = {"volume": "cloned"}
    waiting = Job.objects.create(kind=Kind.VOLUME_CLONE, arguments=about)
    page = client.get(f"{PAGE}?all=1")
    assert not tags_of(page, "input", name="id")
    assert "Left alone, because a job works with it" in text_of(page)
    told = prune(client, all=True, names=["named", NAMELESS, "cloned"])
    assert (told["volumes"], told["deleted"]) == ([], [])
    assert all("A job works with" in each["error"] for each in told["failed"])
    assert client.delete("/api/volume/named/delete").status_code == 409
    for each in (job, left, waiting):
        Job.objects.filter(pk=each.pk).update(status=Status.COMPLETE, undo=[])
    assert len(prune(client, all=True, dry_run=True)["volumes"]) == 3


def test_a_volume_called_as_a_container_in_work_is_free(client: Client, docker: APIClient) -> None:
    docker.create_volume("web")
    entry = {"key": 1, "action": "containers.let_go", "arguments": {"name": "web"}}
    Job.objects.create(
        kind=Kind.BACKUP, status=Status.RUNNING, arguments={"name": "web"}, undo=[entry]
    )
    assert prune(client, all=True, names=["web"])["deleted"] == ["web"]


def test_what_is_ours_or_a_helpers_is_not_offered(
    client: Client, docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("monkey", host={"binds": ["own:/backups"]}, labels={SELF_LABEL: "1"})
    docker.create_volume("of-a-rehearsal", labels={JOB_LABEL: "a-job"})
    docker.create_volume("held")
    mount = {"Type": "volume", "Source": "held", "Target": "/data"}
    with engine() as held, helper(held, [mount], "a-job"):
        preview = unused_volumes(everything=True)
        assert (preview.volumes, preview.in_work) == ([], ["held"])
        told = prune(client, all=True, names=["own", "held"])
        assert told["deleted"] == []
    docker.remove_volume("of-a-rehearsal")
    assert {"own", "held"} <= names(docker)


def test_a_look_costs_the_same_however_many_there_are(
    admin_client: Client, docker: APIClient, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        docker.create_volume(f"volume-{number:03}")
    with recorded_calls() as calls, django_assert_max_num_queries(8):
        page = admin_client.get(f"{PAGE}?all=1")
    assert len(tags_of(page, "input", name="id")) == 60
    assert len([call for call in calls if "/containers" in call or "/volumes" in call]) == 2


def test_more_than_a_page_can_hold_come_afterwards(
    admin_client: Client, docker: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("volumes.pruning.MOST", 2)
    for name in ("one", "two", "three"):
        docker.create_volume(name)
    assert "1 more come after these" in text_of(admin_client.get(f"{PAGE}?all=1"))
    told = prune(admin_client, all=True)
    assert (told["deleted"], told["remaining"]) == (["one", "three"], 1)
    assert names(docker) == {"two"}


def test_who_has_not_signed_in_prunes_nothing(
    stranger_client: Client, docker: APIClient, some: None
) -> None:
    assert stranger_client.post("/api/volumes/prune", {}, JSON).status_code == 401
    assert stranger_client.post(PAGE, {"id": [NAMELESS]}).status_code in (302, 403)
    assert NAMELESS in names(docker)


def test_a_volume_may_be_called_as_the_act(client: Client, docker: APIClient) -> None:
    assert client.get("/volumes/prune/").headers["Location"] == PAGE
    docker.create_volume("prune")
    assert "No container mounts it" in text_of(client.get("/volumes/prune/"))

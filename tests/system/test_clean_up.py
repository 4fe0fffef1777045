"""What jobs left behind: shown, judged and removed."""

import time
from typing import Any

import pytest
from django.test import Client
from docker import APIClient

from accounts.models import AuditEntry
from engine import engine
from engine.helpers import ensure_empty_image, helper_body
from engine.identity import FILES_LABEL, JOB_LABEL
from engine.waiting import waiting_helper
from jobs import worker
from jobs.models import Job, Kind, Status
from system.cleanup import services
from tests.arrange import ContainerMaker
from tests.backups.pages import tags_of, text_of
from tests.private_engine import PrivateEngine

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]

API, PAGE = "/api/cleanup/temp-containers", "/system/clean-up/"
OF_OTHERS = "00000000-0000-4000-8000-000000000000"


def job(**values: Any) -> str:
    made = Job.objects.create(kind=Kind.BACKUP, subject="web", **values)
    return str(made.progress_id)


@pytest.fixture
def host(docker: APIClient, make_container: ContainerMaker, monkeypatch: Any) -> dict[str, str]:
    """Helpers of jobs in every state, one of another installation, one of a page, and no helper."""
    monkeypatch.setattr(services, "LONGEST_PLAN", 3600.0)
    labels = {
        "left": job(status=Status.INTERRUPTED),
        "running": job(status=Status.RUNNING),
        "queued": job(),
        "undoing": job(status=Status.FAILED, undo=[{"key": "1", "action": "x", "arguments": {}}]),
        "foreign": OF_OTHERS,
        "page": "looking",
    }
    for name, label in labels.items():
        make_container(name, start=False, labels={JOB_LABEL: label})
    make_container("web", start=False)
    docker.create_volume("left-data", labels={JOB_LABEL: labels["left"]})
    docker.create_volume("running-data", labels={JOB_LABEL: labels["running"]})
    docker.create_network("left-net", labels={JOB_LABEL: labels["left"]}, internal=True)
    yield labels
    for name in labels:
        docker.remove_container(name, force=True) if name in names(docker) else None
    docker.remove_volume("running-data", force=True)


def names(docker: APIClient) -> set[str]:
    return {row["Names"][0].lstrip("/") for row in docker.containers(all=True)}


def test_only_what_belongs_to_no_job_goes(
    operator_client: Client, docker: APIClient, host: dict[str, str]
) -> None:
    page = operator_client.get(PAGE)
    text = text_of(page)
    assert "Remove 3" in text
    for words in (
        "left container Left behind",
        "left-net network Left behind",
        "left-data volume Left behind",
        "running container Stays",
        "its job is not over",
        "its job has yet to put something back",
        "another installation",
        "a page is at work with it",
    ):
        assert words in text
    assert names(docker) == {*host, "web"}  # nothing goes by looking

    answer = operator_client.post(API, content_type="application/json")
    assert answer.json() == {
        "removed": ["left"],
        "networks": ["left-net"],
        "volumes": ["left-data"],
        "failed": [],
    }
    assert names(docker) == {*host, "web"} - {"left"}
    assert {volume["Name"] for volume in docker.volumes()["Volumes"]} == {"running-data"}
    entry = AuditEntry.objects.get(action="cleanup.left_behind")
    assert entry.details["removed"] == ["left", "left-net", "left-data"]
    assert operator_client.post(API, content_type="application/json").json()["removed"] == []


def test_an_old_one_of_a_page_goes_by_a_form_without_scripts(
    operator_client: Client, docker: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine() as ours:
        ours.create_from_body(helper_body(ensure_empty_image(ours), [], "looking"), name="look")
    now = time.time()
    monkeypatch.setattr(services.time, "time", lambda: now + 2 * services.LONGEST_PLAN)
    page = operator_client.get(PAGE)
    assert tags_of(page, "form", method="post", action=PAGE)
    page = operator_client.post(PAGE, follow=True)
    assert "Removed 1 left behind by jobs" in text_of(page)
    assert "Nothing. Jobs make containers" in text_of(page)
    assert names(docker) == set()
    assert "any more" in text_of(operator_client.post(PAGE, follow=True))


def test_a_download_of_hours_keeps_its_helper(
    operator_client: Client, docker: APIClient, busybox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "LONGEST_PLAN", -1.0)
    monkeypatch.setattr(worker, "LONGEST_PLAN", -1.0)
    with engine() as ours, waiting_helper(ours, busybox, [], FILES_LABEL, []):
        assert "a page is at work with it" in text_of(operator_client.get(PAGE))
        assert operator_client.post(API, content_type="application/json").json()["removed"] == []
        worker.recover()
        assert len(names(docker)) == 1


def test_one_that_cannot_be_removed_stops_no_other(
    operator_client: Client, docker: APIClient, make_container: ContainerMaker
) -> None:
    label = {JOB_LABEL: job(status=Status.FAILED)}
    docker.create_volume("held", labels=label)
    docker.create_volume("free", labels=label)
    make_container("web", start=False, host={"binds": ["held:/data"]})
    answer = operator_client.post(API, content_type="application/json").json()
    assert answer["volumes"] == ["free"]
    assert len(answer["failed"]) == 1 and "held: " in answer["failed"][0]
    docker.remove_container("web")
    assert operator_client.post(API, content_type="application/json").json()["volumes"] == ["held"]


def test_an_engine_that_is_gone(operator_client: Client, engine: PrivateEngine) -> None:
    engine.kill()
    assert operator_client.post(API, content_type="application/json").status_code == 503
    assert operator_client.get(PAGE).status_code == 503

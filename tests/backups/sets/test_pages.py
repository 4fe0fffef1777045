"""/backups/sets/<id>/, its restore, and the same as JSON and from a terminal"""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from docker import APIClient

from backups.adoption import find_or_adopt
from backups.models import Backup
from backups.sets.options import SetOptions
from backups.sets.queries import BackupSet, find_set
from backups.sets.services import request_set_restore
from jobs.models import Job, Kind, Status
from jobs.worker import run_next
from tests.arrange import ContainerMaker, run_in
from tests.backups.pages import links_of, tags_of, text_of
from tests.backups.sets.shop import MEMBERS, STACK, backed_up, make_shop, remove_shop
from tests.backups.test_commands import Said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]


@pytest.fixture
def shop(docker: APIClient, make_container: ContainerMaker, data_dir: Path) -> BackupSet:
    """A backup of the stack, which still runs."""
    make_shop(docker, make_container)
    return backed_up()


def post(client: Client, **body: Any) -> Any:
    return client.post("/api/restore-set", json.dumps(body), content_type="application/json")


def test_the_page_leads_to_each_member_and_to_the_restore_of_all(
    client: Client, shop: BackupSet
) -> None:
    response = client.get(f"/backups/sets/{shop.set_id}/")
    links = links_of(response)
    assert f"/backups/sets/{shop.set_id}/restore/" in links
    assert all(f"/backups/{backup.filename}/restore/" in links for backup in shop.backups)
    assert "Verified" in text_of(response)
    Backup.objects.get(container_name="shop-app-1").delete()
    words = text_of(client.get(f"/backups/sets/{shop.set_id}/"))
    assert "Not whole" in words
    assert "Archives of this set are not there any more shop-app-1" in words


def test_a_row_of_the_list_and_a_backups_page_lead_to_the_set(
    admin_client: Client, shop: BackupSet
) -> None:
    address = f"/backups/sets/{shop.set_id}/"
    assert links_of(admin_client.get("/backups/")).count(address) == 3
    one = admin_client.get(f"/backups/{shop.backups[0].filename}/")
    assert address in links_of(one)


@pytest.mark.parametrize("rest", ["", "restore/"])
def test_a_set_that_is_not_there_is_not_found(admin_client: Client, rest: str) -> None:
    address = f"/backups/sets/1f0e7c1e-5f6b-4a52-9d3f-0d6c0a1b2c3d/{rest}"
    assert admin_client.get(address).status_code == 404


def test_a_stranger_sees_and_does_nothing(stranger_client: Client, shop: BackupSet) -> None:
    for address in (f"/backups/sets/{shop.set_id}/", f"/backups/sets/{shop.set_id}/restore/"):
        assert stranger_client.post(address).status_code == 302
    assert post(stranger_client, set_id=str(shop.set_id)).status_code == 401
    assert Job.objects.count() == 1


def test_the_plan_is_shown_member_by_member_with_what_is_in_the_way(
    client: Client, shop: BackupSet
) -> None:
    address = f"/backups/sets/{shop.set_id}/restore/"
    words = text_of(client.get(address))
    assert "A container has the name shop-db-1." in words
    assert "Once that is settled shop-db-1 " in words
    assert "Host port for 80/tcp of shop-web-1" in words
    words = text_of(client.get(f"{address}?on_conflict=replace&volumes=overwrite"))
    assert "In the way" not in words
    assert "Use the volume shop_files, which is filled once for all that share it." in words


def test_nothing_is_done_while_something_is_in_the_way(client: Client, shop: BackupSet) -> None:
    response = client.post(f"/backups/sets/{shop.set_id}/restore/", {})
    assert response.status_code == 422
    assert "Nothing was changed." in text_of(response)
    assert tags_of(response, "h1")
    assert Job.objects.count() == 1


def test_it_is_restored_from_the_page(client: Client, docker: APIClient, shop: BackupSet) -> None:
    remove_shop(docker)
    ports = {"port-shop-web-1-80/tcp": "8099"}
    response = client.post(f"/backups/sets/{shop.set_id}/restore/", ports)
    assert response.status_code == 302
    assert run_next()
    assert "The stack is back" in text_of(client.get(response["Location"]))
    assert docker.port("shop-web-1", 80)[0]["HostPort"] == "8099"


# JSON


def test_a_dry_run_says_what_would_be_done(client: Client, shop: BackupSet) -> None:
    response = post(
        client, set_id=str(shop.set_id), dry_run=True, on_conflict="replace",
        overwrite_volumes=True,
    )  # fmt: skip
    assert response.status_code == 200
    told = response.json()
    assert told["conflicts"] == []
    assert [member["container_name"] for member in told["members"]] == MEMBERS
    assert told["plan"][0].startswith("shop-db-1: ")


def test_a_call_brings_it_back(client: Client, docker: APIClient, shop: BackupSet) -> None:
    answer = post(client, set_id=str(shop.set_id))
    assert answer.status_code == 409
    assert {conflict["name"] for conflict in answer.json()["conflicts"]} >= set(MEMBERS)
    remove_shop(docker)
    ports = {"shop-web-1": {"80/tcp": 8098}}
    assert post(client, set_id=str(shop.set_id), port_overrides=ports).status_code == 202
    assert run_next()
    assert docker.port("shop-web-1", 80)[0]["HostPort"] == "8098"


@pytest.mark.parametrize(
    "wrong",
    [
        {"set_id": "x"},
        {},
        {"on_conflict": "rename"},
        {"port_overrides": {"web": {"80/tcp": 0}}},
        {"new_name": "other"},
    ],
)
def test_what_is_not_valid_is_said(
    admin_client: Client, engine: None, wrong: dict[str, Any]
) -> None:
    body = {"set_id": "1f0e7c1e-5f6b-4a52-9d3f-0d6c0a1b2c3d"} | wrong
    answer = post(admin_client, **(body if wrong else {}))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


# From a terminal, and from files


def test_a_terminal_backs_a_stack_up_and_brings_it_back(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    make_shop(docker, make_container)
    said = Said("backup", "--stack", STACK, "--consistency", "pause")
    assert (said.status, said.err) == (0, "")
    set_id = str(Backup.objects.all()[0].set_id)
    refused = Said("restore", "--set", set_id, "--dry-run")
    assert refused.status == 1
    assert "A container has the name shop-db-1." in refused.err
    assert "shop-web-1:\n  1. " in refused.out
    remove_shop(docker)
    assert Said("restore", "--set", set_id, "--port", "shop-web-1:80=8097").status == 0
    assert docker.port("shop-web-1", 80)[0]["HostPort"] == "8097"
    assert Said("restore", "--set", "x").status == 1


def test_archives_that_are_taken_in_again_make_up_their_set(
    docker: APIClient, shop: BackupSet, tmp_path: Path, data_dir: Path
) -> None:
    for path in (data_dir / "backups").iterdir():
        path.rename(tmp_path / path.name)
    Backup.objects.all().delete()
    for backup in shop.backups:
        find_or_adopt(str(tmp_path / backup.filename))
    again = find_set(shop.set_id)
    assert [backup.container_name for backup in again.backups] == MEMBERS
    assert again.missing == []
    assert run_in(docker, "shop-db-1", "cat", "/data/table") == "rows\n"


def run_again(client: Client, job: Job) -> Job:
    """Ask for an ended job once more on its page; the new job."""
    response = client.post(f"/jobs/{job.progress_id}/run-again/")
    again = Job.objects.latest("pk")
    assert response["Location"] == f"/jobs/{again.progress_id}/" != f"/jobs/{job.progress_id}/"
    return again


def test_the_backup_of_a_stack_is_run_again_from_its_job(client: Client, shop: BackupSet) -> None:
    job = Job.objects.get(kind=Kind.STACK_BACKUP)
    again = run_again(client, job)
    assert (again.kind, again.arguments) == (job.kind, job.arguments)


def test_a_restore_that_failed_is_run_again_from_its_job(client: Client, shop: BackupSet) -> None:
    job = request_set_restore(
        shop.set_id, SetOptions(on_conflict="replace", overwrite_volumes=True)
    )
    Job.objects.update(status=Status.FAILED)
    again = run_again(client, job)
    assert (again.kind, again.arguments) == (job.kind, job.arguments)

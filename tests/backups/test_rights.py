"""What operators may ask of backups, and what takes the right to replace or to delete."""

import json
from typing import Any

from django.test import Client
from docker import APIClient

from accounts.models import AuditEntry, User
from backups.models import Backup
from backups.options import RestoreOptions
from jobs.models import Job, Kind, Status
from tests.backups.pages import tags_of, text_of


def post(client: Client, url: str, body: dict[str, Any]) -> Any:
    return client.post(url, json.dumps(body), content_type="application/json")


def test_operators_restore_over_nothing(
    operator_client: Client, admin: User, kept_backup: Backup, web: str
) -> None:
    name = kept_backup.filename
    options = RestoreOptions(on_conflict="replace", overwrite_volumes=True)
    job = Job.objects.create(
        kind=Kind.RESTORE,
        subject="web",
        status=Status.FAILED,
        requested_by=admin,
        arguments={"filename": name, "options": options.as_arguments()},
    )
    words = {"volumes": "overwrite", "on_conflict": "replace", "start": "as_it_was"}
    asked = {"filename": name, "overwrite_volumes": True, "on_conflict": "replace"}
    answers = [
        post(operator_client, "/api/restore-backup", asked),
        operator_client.post(f"/backups/{name}/restore/", words),
        operator_client.post(f"/jobs/{job.progress_id}/run-again/"),
        post(operator_client, f"/api/backup-progress/{job.progress_id}/run-again", {}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert Job.objects.filter(kind=Kind.RESTORE).count() == 1
    refused = AuditEntry.objects.filter(action="restore.replace", target="web", result="failed")
    assert refused.count() == 4


def test_operators_delete_none_of_several(operator_client: Client, kept_backup: Backup) -> None:
    body = {"action": "delete", "filename": [kept_backup.filename], "confirm": "delete"}
    answer = operator_client.post("/backups/bulk/", body, follow=True)
    assert "This takes the right to delete" in answer.content.decode()
    assert Backup.objects.filter(pk=kept_backup.pk).exists()
    assert AuditEntry.objects.filter(action="backup.delete", result="failed").exists()


def test_operators_are_not_asked_whether_to_delete(
    operator_client: Client, kept_backup: Backup, engine: Any
) -> None:
    backups = {"action": "delete", "filename": [kept_backup.filename]}
    for path, body in (
        ("/backups/bulk/", backups),
        ("/containers/-/bulk/", {"action": "delete", "id": ["web"]}),
    ):
        answer = operator_client.post(path, body)
        assert answer.status_code == 403, path
        assert "This takes the right to delete" in text_of(answer)


def test_what_replaces_is_closed_to_operators_and_says_why(
    operator_client: Client, admin_client: Client, kept_backup: Backup, docker: APIClient
) -> None:
    docker.create_network("front")
    saved = post(admin_client, "/api/network/front/backup", {}).json()["filename"]
    for path, fields in (
        (f"/backups/{kept_backup.filename}/restore/", {"on_conflict", "volumes"}),
        (f"/backups/{saved}/restore/", {"on_conflict"}),
    ):
        closed, free = (
            {
                found["name"]
                for value in ("replace", "overwrite")
                for found in tags_of(client.get(path), "input", type="radio", value=value)
                if "disabled" in found
            }
            for client in (operator_client, admin_client)
        )
        assert (closed, free) == (fields, set()), path
        assert "This takes the right to restore over" in text_of(operator_client.get(path))
        assert "This takes the right to restore over" not in text_of(admin_client.get(path))

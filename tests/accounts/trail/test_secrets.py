"""No act that carries a secret leaves it in the audit trail."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry
from jobs.models import Job
from jobs.worker import run_next
from tests.registry import ADDRESS
from tests.stacks.deploy.files import SIMPLE, STACK

pytestmark = pytest.mark.django_db(transaction=True)

MARK = "Mark-of-a-secret-7"
JSON = {"content_type": "application/json"}


def trail() -> str:
    return json.dumps(list(AuditEntry.objects.values()), default=str)


def done(*acts: str) -> None:
    """Each act has left a line, and none of all lines has the secret."""
    assert set(acts) <= set(AuditEntry.objects.values_list("action", flat=True))
    assert MARK.lower() not in trail().lower()


def post(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.post(path, body, **JSON)


def test_passwords_of_people(admin_client, stranger_client, operator):
    body = {"username": "nina", "role": "viewer", "password": MARK}
    assert post(admin_client, "/api/users", body).status_code == 201
    path = f"/api/user/{operator.pk}"
    assert admin_client.patch(path, {"password": f"{MARK}b"}, **JSON).status_code == 200
    assert admin_client.patch(path, {"password": MARK[:5]}, **JSON).status_code == 400
    for username, password in (("nina", MARK), ("nina", f"{MARK}x"), (MARK, MARK)):
        post(stranger_client, "/api/login", {"username": username, "password": password})
    changed = {"current_password": MARK, "new_password": f"{MARK}c"}
    assert post(stranger_client, "/api/change-password", changed).status_code == 200
    done("user.create", "user.reset_password", "account.sign_in", "account.change")


def test_passwords_that_are_made(admin_client, operator):
    made = [
        post(admin_client, "/api/users", {"username": "nina", "role": "viewer"}),
        admin_client.patch(f"/api/user/{operator.pk}", {"reset_password": True}, **JSON),
    ]
    for answer in made:
        assert answer.json()["one_time_password"] not in trail()


def test_passwords_of_registries(admin_client, registry):
    registry.require("otto", MARK)
    body = {"address": ADDRESS, "username": "otto", "password": MARK}
    wrong = {**body, "password": f"{MARK}x"}
    assert post(admin_client, "/api/registries", wrong).status_code == 400
    assert post(admin_client, "/api/registries", body).status_code == 201
    done("registry.add")


def test_environment_of_commands_and_containers(admin_client, make_container):
    make_container("web", environment={"TOKEN": MARK})
    body = {"command": ["env"], "environment": {"KEY": MARK}}
    answer = post(admin_client, "/api/container/web/exec", body)
    assert MARK in answer.json()["stdout"]
    page = "/containers/web/environment/"
    assert MARK in admin_client.get(page, {"show": "all"}).content.decode()
    inspected = admin_client.get("/containers/web/inspect/", {"values": "shown"})
    assert MARK in inspected.content.decode()
    assert MARK in admin_client.get("/api/container/web/details").content.decode()
    done("container.exec", "container.environment", "container.inspect")
    line = AuditEntry.objects.get(action="container.environment")
    assert "TOKEN" in line.details["shown"]


def test_hidden_values_leave_no_line(admin_client, make_container):
    make_container("web", environment={"TOKEN": MARK})
    for page in ("environment", "inspect"):
        assert MARK not in admin_client.get(f"/containers/web/{page}/").content.decode()
    assert not AuditEntry.objects.exists()


def test_variables_of_compose_files(admin_client, docker, busybox, data_dir):
    compose = SIMPLE.replace("8085", "8087")
    body = {"name": STACK, "compose": compose, "env": {"GREETING": MARK}}
    answer = post(admin_client, "/api/stacks/deploy", body)
    assert answer.status_code == 202, answer.content
    assert run_next()
    job = Job.objects.get()
    assert job.status == "complete", job.error
    seen = admin_client.get(f"/api/stack/{STACK}/deployments/1")
    assert MARK in seen.content.decode()
    done("stack_deploy.request", "stack_deploy", "stack.read_compose")


def test_downloads_of_backups_are_written_down(admin_client, make_container, data_dir):
    make_container("web", environment={"TOKEN": MARK})
    assert post(admin_client, "/api/backup/web", {}).status_code == 202
    assert run_next()
    filename = Job.objects.get().result["filename"]
    answer = admin_client.get(f"/api/download/{filename}")
    assert answer.status_code == 200
    answer.close()
    admin_client.head(f"/api/download/{filename}")
    assert AuditEntry.objects.filter(action="backup.download", target=filename).count() == 1
    done("backup.request", "backup", "backup.download")

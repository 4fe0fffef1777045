"""The audit trail."""

import threading
from contextvars import copy_context

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts import audit
from accounts.audit import Actor, acting, audited, record
from accounts.models import AuditEntry
from containermonkey.problems import Conflict
from jobs.services import enqueue

pytestmark = pytest.mark.django_db


def newest() -> AuditEntry:
    return AuditEntry.objects.order_by("-pk")[0]


def test_an_act_leaves_a_line(admin):
    with acting(lambda: Actor.of(admin, "192.0.2.7")), audited("container.start", "web") as details:
        details["changed"] = True
    line = newest()
    assert (line.user, line.username, line.address) == (admin, admin.username, "192.0.2.7")
    assert (line.action, line.target, line.result) == ("container.start", "web", "done")
    assert line.details == {"changed": True}


def test_an_act_that_fails_leaves_its_reason():
    with pytest.raises(Conflict), audited("container.start", "web"):
        raise Conflict("The port is taken.")
    assert (newest().result, newest().problem) == ("failed", "The port is taken.")
    with pytest.raises(ZeroDivisionError), audited("container.start", "web"):
        _ = 1 // 0
    assert newest().result == "failed"
    assert "unexpected" in newest().problem


def test_what_no_user_asked_for_comes_from_the_command_line():
    record("backup.request", "web")
    assert (newest().user, newest().username) == (None, "command line")


@pytest.mark.django_db(transaction=True)
def test_another_thread_acts_for_the_same_person(admin):
    def act() -> None:
        record("a.b", "web")
        connection.close()

    with acting(lambda: Actor.of(admin)):
        thread = threading.Thread(target=copy_context().run, args=(act,))
        thread.start()
        thread.join()
    assert newest().user == admin


def test_what_was_done_remains_done_when_it_cannot_be_written_down(monkeypatch, caplog):
    def fail(entry: object) -> None:
        raise DatabaseError("disk I/O error")

    monkeypatch.setattr(audit.AuditEntry, "save", fail)
    with audited("container.start", "web"):
        pass
    assert "Not written to the audit trail: container.start web" in caplog.text


def test_lines_are_neither_changed_nor_removed():
    record("container.start", "web")
    line = newest()
    line.target = "db"
    for act in (
        line.save,
        line.delete,
        lambda: AuditEntry.objects.update(target="db"),
        lambda: AuditEntry.objects.bulk_update([line], ["target"]),
        lambda: AuditEntry.objects.bulk_create(
            [line], update_conflicts=True, update_fields=["target"], unique_fields=["id"]
        ),
        lambda: AuditEntry.objects.update_or_create(pk=line.pk, defaults={"target": "db"}),
        AuditEntry.objects.filter(pk=line.pk).delete,
        AuditEntry.objects.all().delete,
    ):
        with pytest.raises(TypeError, match="only added to"), transaction.atomic():
            act()
    assert newest().target == "web"


def test_a_line_that_is_made_with_the_key_of_another_does_not_take_its_place():
    record("container.start", "web")
    for make in (
        AuditEntry(pk=newest().pk, action="x.y", target="db").save,
        lambda: AuditEntry.objects.bulk_create([AuditEntry(pk=newest().pk, target="db")]),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            make()
    assert newest().target == "web"


@pytest.mark.parametrize("act", ["change", "delete"])
def test_the_admin_has_no_address_that_changes_or_removes_a_line(admin_client, act):
    record("container.start", "web")
    path = f"/admin/accounts/auditentry/{newest().pk}/{act}/"
    answer = admin_client.post(path, {"target": "db", "post": "yes"})
    assert answer.status_code == 403
    admin_client.post(
        "/admin/accounts/auditentry/",
        {"action": "delete_selected", "_selected_action": [newest().pk], "post": "yes"},
    )
    assert AuditEntry.objects.get(action="container.start").target == "web"


def test_a_line_outlives_its_user(operator):
    with acting(lambda: Actor.of(operator)):
        record("container.start", "web")
    name = operator.username
    operator.delete()
    assert (newest().user, newest().username) == (None, name)


def test_long_words_are_cut():
    record("container.start", "w" * 1000)
    assert len(newest().target) == 255


def test_a_failed_sign_in_names_whose_account_was_tried_and_from_where(client, admin):
    client.post("/accounts/sign-in/", {"username": "Ada", "password": "not-it"})
    line = newest()
    assert (line.user, line.action, line.target, line.result) == (
        *(None, "account.sign_in", "Ada"),
        "failed",
    )
    assert line.address == "127.0.0.1"
    assert "not-it" not in str(vars(line))


def test_a_name_that_nobody_has_may_be_a_password_and_is_not_kept(client, admin):
    client.post("/accounts/sign-in/", {"username": "staple every llama", "password": "ada"})
    line = newest()
    assert (line.target, line.result, line.details) == ("", "failed", {"unknown_name": True})
    assert "llama" not in str(vars(line))


def test_a_flood_of_guesses_leaves_no_more_lines_than_the_limit_lets_through(client, admin, clock):
    for _ in range(30):
        client.post("/accounts/sign-in/", {"username": "ada", "password": "not-it"})
    assert AuditEntry.objects.count() == 10


def test_a_job_that_is_asked_for_is_written_down(admin):
    with acting(lambda: Actor.of(admin)):
        job = enqueue("backup", "web", {}, admin)
    assert newest().action == "backup.request"
    assert newest().details == {"job": str(job.progress_id)}


def test_administrators_read_it_in_the_admin(admin_client, operator_client, client):
    record("container.start", "web<b>")
    page = admin_client.get("/admin/accounts/auditentry/").content.decode()
    assert "web&lt;b&gt;" in page
    assert "Add audit" not in page
    assert admin_client.get("/admin/accounts/auditentry/add/").status_code == 403
    assert operator_client.get("/admin/accounts/auditentry/").status_code in (302, 403)
    assert client.get("/admin/accounts/auditentry/").status_code == 302

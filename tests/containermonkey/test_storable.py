"""containermonkey.storable: text that every database takes"""

import pytest
from django.utils import timezone

from accounts.audit import record
from accounts.models import AuditEntry
from backups import verification
from backups.models import Backup
from containermonkey.storable import storable, storable_json
from jobs.models import Job
from jobs.running import RunningJob
from jobs.services import enqueue, enqueue_once

ODD = "a\0b\udcffc"
SPELLED = "a\\x00b\\udcffc"


@pytest.mark.parametrize(
    ("text", "stored"), [("plain", "plain"), ("Zoë 🐒", "Zoë 🐒"), (ODD, SPELLED), ("", "")]
)
def test_what_no_database_stores_is_spelled_out(text, stored):
    assert storable(text) == stored


def test_all_text_in_json_is():
    odd = {ODD: [ODD, 1, None, True, {"a": (ODD,)}]}
    assert storable_json(odd) == {SPELLED: [SPELLED, 1, None, True, {"a": [SPELLED]}]}


@pytest.mark.django_db
def test_an_act_has_its_line_whatever_it_was_done_to():
    record("container.start", ODD + "n" * 300, problem=ODD, why=ODD)
    line = AuditEntry.objects.get()
    assert (line.target[:12], len(line.target)) == (SPELLED[:12], 255)
    assert (line.problem, line.details) == (SPELLED, {"why": SPELLED})


@pytest.mark.django_db
def test_a_job_is_found_again_by_what_it_is_about():
    job = enqueue("verify", ODD + "n" * 300, {})
    assert len(job.subject) == 255
    assert enqueue_once("verify", ODD + "n" * 300, {}) == job


def made_backup() -> Backup:
    return Backup.objects.create(
        filename="web.tar.gz",
        container_name="web",
        container_id="c" * 65,
        image=ODD + "i" * 600,
        stack="s" * 300,
        size=1,
        created=timezone.now(),
        sha256="0" * 64,
        metadata={"skipped": [ODD]},
    )


@pytest.mark.django_db
def test_a_backup_is_listed_whatever_its_archive_says():
    made_backup()
    kept = Backup.objects.get()
    assert (len(kept.container_id), len(kept.image), len(kept.stack)) == (64, 500, 255)
    assert kept.metadata == {"skipped": [SPELLED]}
    part = Backup.objects.only("problem").get()
    part.problem = ODD
    part.save(update_fields=["problem"])
    assert (part.problem, Backup.objects.get().image) == (SPELLED, kept.image)


@pytest.mark.django_db
def test_a_backup_is_found_damaged_whatever_its_archive_says(monkeypatch):
    def read(*_: object) -> None:
        raise verification.NotSound(ODD)

    monkeypatch.setattr(verification, "read_whole", read)
    backup = made_backup()
    running = RunningJob(Job.objects.create(kind="verify", subject="web"))
    with pytest.raises(verification.NotSound):
        verification.check_again(running, backup, span=(0, 100))
    backup.refresh_from_db()
    assert (backup.verified, backup.problem) == (False, SPELLED)

"""POST /api/upload-backup"""

import errno
import os
import shutil
from collections import namedtuple

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import AuditEntry
from backups import uploads
from backups.archive import partial
from backups.models import Backup
from backups.records import GONE
from containermonkey.problems import NoSpace
from tests.backups.brought import of_container
from tests.backups.odd_names import ODD_NAMES

pytestmark = pytest.mark.django_db

ADDRESS = "/api/upload-backup"


def upload(client, path, name=None, field="file", **more):
    file = SimpleUploadedFile(name or path.name, path.read_bytes(), "application/gzip")
    return client.post(ADDRESS, {**more, field: file})


def files_in(data_dir) -> list[str]:
    return sorted(path.name for path in (data_dir / "backups").iterdir())


def test_it_is_listed_as_it_was_made(client, make_archive, data_dir):
    brought = make_archive()
    answer = upload(client, brought)
    assert answer.status_code == 201
    told, record = answer.json(), Backup.objects.get()
    assert (told["filename"], told["container_name"]) == ("brought.tar.gz", "web")
    assert (told["origin"], told["file"], told["verified"]) == ("uploaded", "present", True)
    assert (record.size, record.sha256) == (told["size"], told["sha256"])
    assert (data_dir / "backups" / "brought.tar.gz").read_bytes() == brought.read_bytes()
    assert files_in(data_dir) == ["brought.tar.gz"]


def test_a_name_that_is_taken_gets_a_number(client, make_archive, data_dir):
    (data_dir / "backups" / "brought.tar.gz").write_text("somebody's own file")
    assert upload(client, make_archive()).json()["filename"] == "brought-2.tar.gz"
    other = make_archive(of_container("db"), name="other.tar.gz")
    assert upload(client, other, "brought.tar.gz").json()["filename"] == "brought-3.tar.gz"
    assert (data_dir / "backups" / "brought.tar.gz").read_text() == "somebody's own file"


def test_the_same_archive_is_not_taken_twice(admin_client, make_archive, data_dir):
    brought = make_archive()
    assert upload(admin_client, brought).status_code == 201
    again = upload(admin_client, brought, "another-name.tar.gz")
    assert (again.status_code, again.json()["filename"]) == (200, "brought.tar.gz")
    assert files_in(data_dir) == ["brought.tar.gz"]


def test_one_whose_file_was_lost_has_it_back(admin_client, make_archive, data_dir):
    brought = make_archive()
    upload(admin_client, brought)
    (data_dir / "backups" / "brought.tar.gz").unlink()
    answer = upload(admin_client, brought, "another-name.tar.gz")
    assert (answer.status_code, answer.json()["filename"]) == (201, "brought.tar.gz")
    assert answer.json()["file"] == "present"
    assert files_in(data_dir) == ["brought.tar.gz"]
    assert Backup.objects.count() == 1


def test_one_that_was_found_gone_is_good_again_with_its_file(admin_client, make_archive, data_dir):
    brought = make_archive()
    upload(admin_client, brought)
    (data_dir / "backups" / "brought.tar.gz").unlink()
    Backup.objects.update(verified=False, verified_at=None, problem=GONE)
    answer = upload(admin_client, brought).json()
    assert (answer["verified"], answer["problem"]) == (True, "")
    assert answer["verified_at"] is not None


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", b"\x1f\x8b\x08\x00" * 50])
def test_what_is_no_archive_is_refused(client, tmp_path, data_dir, content):
    (tmp_path / "odd.tar.gz").write_bytes(content)
    answer = upload(client, tmp_path / "odd.tar.gz")
    assert (answer.status_code, answer.json()["code"]) == (400, "not_an_archive")
    assert not files_in(data_dir)
    assert not Backup.objects.exists()


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lambda content: content[: len(content) // 2], "unfinished_archive"),
        (lambda content: content[:400] + b"\x00\x01" + content[402:], "damaged_archive"),
    ],
)
def test_one_that_is_not_whole_is_refused(client, make_archive, data_dir, harm, code):
    brought = make_archive()
    brought.write_bytes(harm(brought.read_bytes()))
    answer = upload(client, brought)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not files_in(data_dir)


@pytest.mark.parametrize("name", [*ODD_NAMES, "web (1).tar.gz", ".tar.gz", "x.tgz", "a.tar.gz/"])
def test_a_name_leads_nowhere(admin_client, make_archive, data_dir, name):
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + make_archive().read_bytes() + b"\r\n--x--\r\n"
    answer = admin_client.post(ADDRESS, body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code in {201, 400}
    if answer.status_code == 201:
        assert files_in(data_dir) == [answer.json()["filename"]]
        assert admin_client.get(f"/backups/{answer.json()['filename']}/").status_code == 200
    else:
        assert not files_in(data_dir)


def test_a_full_disk_is_said_and_nothing_stays(client, make_archive, data_dir, monkeypatch):
    brought = make_archive()

    def write(self, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(partial.PartialFile, "write", write)
    answer = upload(client, brought)
    assert (answer.status_code, answer.json()["code"]) == (507, "no_space")
    assert not files_in(data_dir)


def test_a_disk_that_is_really_full_keeps_nothing_and_takes_the_next(
    admin_client, make_archive, data_dir, small_disk, monkeypatch
):
    monkeypatch.setattr(uploads, "MARGIN", 0)
    small_disk(data_dir / "backups", 4)
    with pytest.raises(NoSpace):
        uploads.receive("large.tar.gz", [os.urandom(1 << 20) for _ in range(8)])
    assert not files_in(data_dir)
    assert upload(admin_client, make_archive()).status_code == 201


def test_what_will_not_fit_is_refused_before_it_is_written(
    client, make_archive, data_dir, monkeypatch
):
    usage = namedtuple("usage", "total used free")(0, 0, uploads.MARGIN + 100)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    answer = upload(client, make_archive())
    assert (answer.status_code, answer.json()["code"]) == (507, "no_space")
    assert not files_in(data_dir)


def test_a_disk_that_fills_up_meanwhile_is_noticed(client, make_archive, data_dir, monkeypatch):
    usage = namedtuple("usage", "total used free")
    free = iter([uploads.MARGIN * 2, uploads.MARGIN - 1])
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(0, 0, next(free)))
    monkeypatch.setattr(uploads, "LOOK_EVERY", 100)
    assert upload(client, make_archive()).status_code == 507
    assert not files_in(data_dir)


def test_without_the_directory_it_asks_for_the_disk(client, make_archive, data_dir):
    brought = make_archive()
    (data_dir / "backups").rmdir()
    answer = upload(client, brought)
    assert answer.status_code == 409
    assert "Is the disk mounted" in answer.json()["error"]


def test_of_two_files_none_is_kept(client, make_archive, data_dir):
    two = [
        SimpleUploadedFile(path.name, path.read_bytes())
        for path in (make_archive(), make_archive(of_container("db"), name="other.tar.gz"))
    ]
    answer = client.post(ADDRESS, {"file": two})
    assert (answer.status_code, answer.json()["fields"]) == (400, {"file": "must be one file"})
    assert not files_in(data_dir)
    assert not Backup.objects.exists()


def test_a_form_without_a_file_is_refused(admin_client, make_archive, data_dir):
    assert admin_client.post(ADDRESS, {"file": "no file"}).json()["fields"] == {
        "file": "is missing"
    }
    assert upload(admin_client, make_archive(), field="other").status_code == 400
    assert admin_client.post(ADDRESS, {}, content_type="application/json").status_code == 415
    assert not files_in(data_dir)


def test_fields_that_are_too_large_are_refused(admin_client, make_archive, data_dir):
    brought = make_archive()
    assert upload(admin_client, brought, before="x" * 5000).status_code == 413
    many = {f"field{number}": "x" for number in range(30)}
    assert upload(admin_client, brought, **many).status_code == 413
    assert not files_in(data_dir)


def test_it_is_written_down_who_brought_it(admin_client, make_archive):
    upload(admin_client, make_archive())
    entry = AuditEntry.objects.get(action="backup.upload")
    assert (entry.username, entry.target) == ("ada", "brought.tar.gz")


def test_a_token_may_stand_in_the_form_or_in_a_header(admin, make_archive, data_dir):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin)
    token = browser.get("/api/auth-status").json()["csrf_token"]
    brought = make_archive()
    assert upload(browser, brought).status_code == 403
    assert not files_in(data_dir)
    assert upload(browser, brought, csrfmiddlewaretoken=token).status_code == 201
    file = SimpleUploadedFile("x.tar.gz", brought.read_bytes())
    answer = browser.post(ADDRESS, {"file": file}, headers={"X-CSRFToken": token})
    assert answer.status_code == 200


def test_a_stranger_is_refused(stranger_client, make_archive, data_dir):
    answer = upload(stranger_client, make_archive())
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert not files_in(data_dir)

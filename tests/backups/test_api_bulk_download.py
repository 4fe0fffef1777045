"""The four addresses that several backups are downloaded by as one file."""

import io
import tarfile
from datetime import timedelta
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.db.models import QuerySet
from django.test import AsyncClient, Client
from django.utils import timezone

from backups.bulk import services, tar
from backups.models import Backup, BulkDownload
from containermonkey.problems import Conflict
from tests.backups.records import make_record

pytestmark = pytest.mark.django_db(transaction=True)

CONTENTS = {"web": b"w" * 3000, "db": b"d" * 1024, "cache": b""}


@pytest.fixture
def archives(data_dir) -> list[Backup]:
    made = []
    for name, content in CONTENTS.items():
        record = make_record(name, size=len(content))
        (data_dir / "backups" / record.filename).write_bytes(content)
        made.append(record)
    return made


def prepare(client, *records: Backup):
    body = {"filenames": [record.filename for record in records]} if records else None
    return client.post("/api/backups/download-all-prepare", body, content_type="application/json")


async def fetched(user, download_id: str):
    browser = AsyncClient()
    await browser.aforce_login(user)
    response = await browser.get(f"/api/backups/download-all/{download_id}")
    if not response.streaming:
        return response, b""
    return response, b"".join([piece async for piece in response.streaming_content])


def test_it_is_prepared_made_and_ready(client, archives):
    prepared = prepare(client, *archives).json()
    assert prepared["files"] == [record.filename for record in archives]
    address = f"/api/backups/download-all-progress/{prepared['download_id']}"
    before = client.get(address).json()
    assert (before["kind"], before["status"]) == ("bulk_download", "queued")
    made = client.post(
        f"/api/backups/download-all-create/{prepared['download_id']}",
        content_type="application/json",
    )
    assert (made.status_code, made.json()["status"]) == (202, "complete")
    after = client.get(address).json()
    assert after["progress_id"] == prepared["download_id"]
    assert (after["status"], after["percent"]) == ("complete", 100.0)
    assert after["bytes_total"] == prepared["total_size"]


def test_without_names_it_is_all_that_are_there(admin_client, archives):
    make_record("lost", age=3)
    assert len(prepare(admin_client).json()["files"]) == 3
    named = admin_client.post(
        "/api/backups/download-all-prepare", {"filenames": None}, content_type="application/json"
    )
    assert len(named.json()["files"]) == 3


async def test_it_is_a_tar_of_exactly_the_length_it_states(admin, archives):
    prepared = await _prepared(admin, archives)
    response, body = await fetched(admin, prepared.download_id)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/x-tar"
    assert response["Content-Disposition"] == 'attachment; filename="container-monkey-backups.tar"'
    assert int(response["Content-Length"]) == len(body) == prepared.total_size
    with tarfile.open(fileobj=io.BytesIO(body)) as opened:
        found = {member.name: opened.extractfile(member).read() for member in opened}
    assert found == {record.filename: CONTENTS[record.container_name] for record in archives}


async def _prepared(user, archives) -> services.Prepared:
    names = [record.filename for record in archives]
    return await sync_to_async(services.prepare)(user.pk, names)


def test_the_length_is_known_of_archives_that_old_tars_cannot_hold():
    entries = [tar.Entry("x" * 240 + ".tar.gz", 20 << 30, 1_700_000_000)]
    head = entries[0].head
    assert tar.size_of(entries) == len(head) + (20 << 30) + 1024
    assert tarfile.TarInfo.frombuf(head[-512:], "utf-8", "strict").isreg()


async def test_one_that_vanished_meanwhile_is_named(admin, archives, data_dir):
    prepared = await _prepared(admin, archives)
    (data_dir / "backups" / archives[1].filename).unlink()
    response, _ = await fetched(admin, prepared.download_id)
    assert response.status_code == 409
    assert archives[1].filename in response.json()["error"]


async def test_one_that_becomes_shorter_breaks_off(admin, archives, data_dir):
    prepared = await _prepared(admin, archives)
    browser = AsyncClient()
    await browser.aforce_login(admin)
    response = await browser.get(f"/api/backups/download-all/{prepared.download_id}")
    (data_dir / "backups" / archives[0].filename).write_bytes(b"w")
    with pytest.raises(Conflict, match="became shorter"):
        _ = [piece async for piece in response.streaming_content]


async def test_it_goes_on_where_the_database_cannot_note_it(admin, archives, monkeypatch, caplog):
    prepared = await _prepared(admin, archives)
    browser = AsyncClient()
    await browser.aforce_login(admin)
    response = await browser.get(f"/api/backups/download-all/{prepared.download_id}")

    async def away(*_, **__):
        raise OperationalError("the database is away")

    monkeypatch.setattr(QuerySet, "aupdate", away)
    body = b"".join([piece async for piece in response.streaming_content])
    assert len(body) == prepared.total_size
    assert "Not noted" in caplog.text


async def test_what_is_being_downloaded_is_not_deleted(admin, admin_client, archives):
    prepared = await _prepared(admin, archives)
    delete = sync_to_async(admin_client.delete)
    browser = AsyncClient()
    await browser.aforce_login(admin)
    response = await browser.get(f"/api/backups/download-all/{prepared.download_id}")
    pieces = aiter(response.streaming_content)
    for _ in range(2):
        await anext(pieces)
    answer = await delete(f"/api/backup/{archives[2].filename}")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    long_ago = timezone.now() - timedelta(minutes=5)
    await BulkDownload.objects.all().aupdate(read_at=long_ago)
    assert (await delete(f"/api/backup/{archives[2].filename}")).status_code == 200
    await sync_to_async(response.close)()


async def test_afterwards_they_can_be_deleted_at_once(admin, admin_client, archives):
    prepared = await _prepared(admin, archives)
    response, _ = await fetched(admin, prepared.download_id)
    await sync_to_async(response.close)()
    answer = await sync_to_async(admin_client.delete)(f"/api/backup/{archives[0].filename}")
    assert answer.status_code == 200


def test_it_belongs_to_whoever_prepared_it(admin_client, operator_client, archives):
    download = prepare(admin_client, *archives).json()["download_id"]
    for answer in (
        operator_client.get(f"/api/backups/download-all/{download}"),
        operator_client.get(f"/api/backups/download-all-progress/{download}"),
        operator_client.post(
            f"/api/backups/download-all-create/{download}", content_type="application/json"
        ),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_after_an_hour_it_is_gone(admin_client, archives):
    download = prepare(admin_client, *archives).json()["download_id"]
    BulkDownload.objects.update(created_at=timezone.now() - services.LIVES_FOR)
    assert admin_client.get(f"/api/backups/download-all/{download}").status_code == 404
    BulkDownload.objects.update(created_at=timezone.now() - 30 * services.LIVES_FOR)
    prepare(admin_client, *archives)
    assert BulkDownload.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"filenames": []}, 400),
        ({"filenames": ["nothing.tar.gz"]}, 404),
        ({"filenames": ["../../etc/passwd"]}, 404),
        ({"filenames": "all"}, 400),
        ({"files": []}, 400),
    ],
)
def test_what_cannot_be_prepared_is_refused(admin_client, archives, body, status):
    answer = admin_client.post(
        "/api/backups/download-all-prepare", body, content_type="application/json"
    )
    assert answer.status_code == status
    assert not BulkDownload.objects.exists()


def test_where_there_are_no_backups_there_is_nothing_to_prepare(admin_client, data_dir):
    assert prepare(admin_client).status_code == 400


def test_what_nobody_prepared_is_not_there(admin_client):
    for kind in ("", "-progress"):
        assert admin_client.get(f"/api/backups/download-all{kind}/{uuid4()}").status_code == 404
    assert admin_client.get("/api/backups/download-all/nothing").status_code == 404


def test_a_stranger_is_refused(stranger_client: Client, archives):
    assert prepare(stranger_client, *archives).status_code == 401

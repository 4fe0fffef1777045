"""GET /api/download/<filename>"""

import hashlib

import pytest
from django.test import AsyncClient

from accounts.models import AuditEntry
from backups import download
from backups.models import Backup
from tests.backups.odd_names import ODD_NAMES, quoted
from tests.backups.records import make_record

pytestmark = pytest.mark.django_db(transaction=True)

CONTENT = b"".join(number.to_bytes(4) for number in range(700_000))
assert len(CONTENT) > 2 * download.PIECE


@pytest.fixture
def archive(data_dir) -> Backup:
    record = make_record(size=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())
    (data_dir / "backups" / record.filename).write_bytes(CONTENT)
    return record


@pytest.fixture
def reader(admin) -> AsyncClient:
    client = AsyncClient()
    client.force_login(admin)
    return client


async def body_of(response) -> bytes:
    return b"".join([piece async for piece in response.streaming_content])


async def test_the_whole_file_arrives_in_pieces(reader, archive):
    response = await reader.get(f"/api/download/{archive.filename}")
    pieces = [piece async for piece in response.streaming_content]
    assert b"".join(pieces) == CONTENT
    assert max(map(len, pieces)) <= download.PIECE
    assert response.status_code == 200
    assert response["Content-Length"] == str(len(CONTENT))
    assert response["Content-Type"] == "application/gzip"
    assert response["Content-Disposition"] == f'attachment; filename="{archive.filename}"'
    assert response["Accept-Ranges"] == "bytes"
    assert "Content-Encoding" not in response


async def test_it_is_not_compressed_again(reader, archive):
    response = await reader.get(
        f"/api/download/{archive.filename}", headers={"Accept-Encoding": "gzip"}
    )
    assert "Content-Encoding" not in response
    assert await body_of(response) == CONTENT


@pytest.mark.parametrize(
    ("wanted", "first", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=1048570-1048590", 1048570, 1048591),
        ("bytes=2799990-", 2799990, 2800000),
        ("bytes=-10", 2799990, 2800000),
        ("bytes=2799990-9999999999", 2799990, 2800000),
    ],
)
async def test_a_range_is_honoured(reader, archive, wanted, first, end):
    response = await reader.get(f"/api/download/{archive.filename}", headers={"Range": wanted})
    assert response.status_code == 206
    assert await body_of(response) == CONTENT[first:end]
    assert response["Content-Range"] == f"bytes {first}-{end - 1}/{len(CONTENT)}"
    assert response["Content-Length"] == str(end - first)


@pytest.mark.parametrize(
    "wanted",
    ["bytes=-", "bytes=5-4", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", f"bytes={'9' * 5000}-"],
)
async def test_what_is_no_range_gives_the_whole_file(reader, archive, wanted):
    response = await reader.get(f"/api/download/{archive.filename}", headers={"Range": wanted})
    assert response.status_code == 200
    assert await body_of(response) == CONTENT


@pytest.mark.parametrize("wanted", ["bytes=2800000-", "bytes=9999999-99999999", "bytes=-0"])
async def test_a_range_behind_the_end_is_refused(reader, archive, wanted):
    response = await reader.get(f"/api/download/{archive.filename}", headers={"Range": wanted})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(CONTENT)}"
    assert response.json()["code"] == "range_not_satisfiable"


async def test_a_part_of_another_version_is_not_mixed_in(reader, archive):
    address = f"/api/download/{archive.filename}"
    first = await reader.get(address, headers={"Range": "bytes=0-9"})
    same = await reader.get(address, headers={"Range": "bytes=10-19", "If-Range": first["ETag"]})
    other = await reader.get(address, headers={"Range": "bytes=10-19", "If-Range": '"other"'})
    assert (same.status_code, other.status_code) == (206, 200)
    for response in (first, same, other):
        await body_of(response)


async def test_who_has_it_already_is_told_so(reader, archive):
    address = f"/api/download/{archive.filename}"
    first = await reader.get(address)
    await body_of(first)
    for known in (first["ETag"], f"W/{first['ETag']}", f'"a", {first["ETag"]}', "*"):
        asked = {"If-None-Match": known, "Range": "bytes=99999999-"}
        again = await reader.get(address, headers=asked)
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == first["ETag"]
    other = await reader.get(address, headers={"If-None-Match": '"other"'})
    assert (other.status_code, await body_of(other)) == (200, CONTENT)
    assert await AuditEntry.objects.filter(action="backup.download").acount() == 2


async def test_what_is_not_there_is_not_written_down_as_downloaded(reader, archive, data_dir):
    address = f"/api/download/{archive.filename}"
    (data_dir / "backups" / archive.filename).unlink()
    assert (await reader.get(address)).status_code == 404
    assert not await AuditEntry.objects.filter(action="backup.download").aexists()


async def test_a_file_that_is_not_what_was_listed_is_another_version(reader, archive, data_dir):
    address = f"/api/download/{archive.filename}"
    first = await reader.get(address, headers={"Range": "bytes=0-9"})
    (data_dir / "backups" / archive.filename).write_bytes(CONTENT[:100])
    rest = await reader.get(address, headers={"Range": "bytes=10-", "If-Range": first["ETag"]})
    assert (rest.status_code, await body_of(rest)) == (200, CONTENT[:100])
    await body_of(first)


async def test_it_arrives_whole_though_it_is_deleted_meanwhile(reader, archive, data_dir):
    response = await reader.get(f"/api/download/{archive.filename}")
    (data_dir / "backups" / archive.filename).unlink()
    assert await body_of(response) == CONTENT


def test_the_file_is_closed_when_the_caller_goes_away(archive, rf, monkeypatch):
    made = []
    pieces = type(
        "Pieces", (download.Pieces,), {"__aiter__": lambda self: made.append(self) or self}
    )
    monkeypatch.setattr(download, "Pieces", pieces)
    response = download.archive_response(rf.get("/"), archive)
    response.close()
    assert made[0].file.closed


async def test_head_tells_the_size_and_sends_nothing(reader, archive):
    response = await reader.head(f"/api/download/{archive.filename}")
    assert response.status_code == 200
    assert response["Content-Length"] == str(len(CONTENT))
    assert not response.streaming


async def test_a_file_that_is_gone_is_said_so(reader, archive, data_dir):
    (data_dir / "backups" / archive.filename).unlink()
    response = await reader.get(f"/api/download/{archive.filename}")
    assert response.status_code == 404
    assert str(data_dir) not in response.json()["error"]


@pytest.mark.parametrize("name", ODD_NAMES)
async def test_what_is_no_backup_is_not_there(reader, data_dir, name):
    (data_dir / "backups" / "nothing").write_text("not listed")
    response = await reader.get(f"/api/download/{quoted(name)}")
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


async def test_a_stranger_is_refused(archive):
    response = await AsyncClient().get(f"/api/download/{archive.filename}")
    assert response.status_code == 401

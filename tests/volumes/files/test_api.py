"""GET /api/volume/<name>/explore, /file and /download"""

import errno
import io
import tarfile

import pytest
from django.test import AsyncClient

from tests.backups.odd_names import ODD_NAMES, quoted
from tests.engine_calls import recorded_calls

pytestmark = pytest.mark.django_db(transaction=True)

CALLS = ["explore", "file", "download"]


@pytest.mark.parametrize("who", ["admin_client", "operator_client"])
def test_a_folder_is_listed_for_everybody_signed_in(request, who, root):
    client = request.getfixturevalue(who)
    told = client.get("/api/volume/data/explore").json()
    assert (told["path"], told["total"]) == ("/", 2)
    first, folder = told["entries"]
    assert (first["name"], first["type"], first["size"], first["target"]) == (
        *("first", "file", 4),
        None,
    )
    assert set(first) == {"name", "type", "size", "mode", "uid", "gid", "modified", "target"}
    assert first["modified"].endswith("Z")
    assert folder["type"] == "directory"
    below = client.get("/api/volume/data/explore?path=/folder").json()
    assert [entry["name"] for entry in below["entries"]] == ["below", "second"]


def test_a_file_is_read(admin_client, root):
    assert admin_client.get("/api/volume/data/file?path=/folder/second").json() == {
        "path": "/folder/second",
        "size": 4,
        "encoding": "utf-8",
        "content": "two\n",
        "truncated": False,
    }


async def test_a_file_is_downloaded_and_no_browser_opens_it(admin, root):
    client = AsyncClient()
    await client.aforce_login(admin)
    answer = await client.get("/api/volume/data/download?path=/first")
    assert b"".join([piece async for piece in answer.streaming_content]) == b"one\n"
    assert answer["Content-Disposition"] == 'attachment; filename="first"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Length"] == "4"


async def test_a_folder_is_downloaded_as_an_archive(admin, root):
    client = AsyncClient()
    await client.aforce_login(admin)
    answer = await client.get("/api/volume/data/download?path=/folder")
    content = b"".join([piece async for piece in answer.streaming_content])
    assert answer["Content-Disposition"] == 'attachment; filename="folder.tar.gz"'
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        assert tar.getnames() == ["folder", "folder/below", "folder/second"]


async def test_a_name_that_would_end_a_header_is_downloaded(admin, root):
    (root / "odd\n").write_text("three\n")
    client = AsyncClient()
    await client.aforce_login(admin)
    answer = await client.get("/api/volume/data/download", {"path": "/odd\n"})
    assert b"".join([piece async for piece in answer.streaming_content]) == b"three\n"
    assert answer["Content-Disposition"] == 'attachment; filename="odd_"'


@pytest.mark.parametrize(
    ("address", "broken"),
    [("file?path=/first", "os.fdopen"), ("explore", "os.listdir"), ("explore", "os.lstat")],
)
def test_a_disk_that_fails_is_said_to(admin_client, root, monkeypatch, address, broken):
    assert admin_client.get(f"/api/volume/data/{address}").status_code == 200

    def fail(*_, **__):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(f"volumes.files.directory.{broken}", fail)
        answer = admin_client.get(f"/api/volume/data/{address}")
    assert answer.status_code == 409
    assert "Input/output error" in answer.json()["error"]


@pytest.mark.parametrize("call", CALLS)
def test_what_leads_out_is_refused(admin_client, root, call):
    (root / "link").symlink_to("/etc/passwd")
    (root / "up").symlink_to("../../..")
    for path in (
        "../x",
        "%2e%2e/x",
        "..%2fx",
        "/folder/../../x",
        "link",
        "up/x",
        r"\x2e\x2e",
        "%00",
    ):
        answer = admin_client.get(f"/api/volume/data/{call}?path={path}")
        assert answer.status_code == 400, path
        assert answer.json()["code"] == "invalid"


@pytest.mark.parametrize("call", CALLS)
def test_what_is_not_there_is_not_found(admin_client, root, call):
    assert admin_client.get(f"/api/volume/data/{call}?path=/no").status_code == 404
    assert admin_client.get(f"/api/volume/no/{call}?path=/first").status_code == 404


@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize("call", CALLS)
def test_odd_names_never_break_it(admin_client, root, call, name):
    for address in (
        f"/api/volume/data/{call}?path=/no/{quoted(name)}",
        f"/api/volume/{quoted(name)}/{call}?path=/first",
    ):
        answer = admin_client.get(address)
        assert answer.status_code in (400, 404) or name == " "
        assert answer.status_code < 500


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30])
def test_a_page_is_a_number(admin_client, root, page):
    answer = admin_client.get(f"/api/volume/data/explore?page={page}")
    assert answer.status_code == 400
    assert answer.json()["fields"]


@pytest.mark.parametrize("call", CALLS)
def test_a_stranger_sees_nothing(stranger_client, root, call):
    assert stranger_client.get(f"/api/volume/data/{call}?path=/first").status_code == 401


def test_the_engine_is_not_asked_more_for_a_larger_folder(admin_client, root):
    admin_client.get("/api/volume/data/explore")
    with recorded_calls() as few:
        admin_client.get("/api/volume/data/explore")
    for number in range(150):
        (root / f"{number}").touch()
    with recorded_calls() as many:
        assert admin_client.get("/api/volume/data/explore").json()["total"] == 152
    assert len(few) == len(many) == 2

"""GET /api/backup/<filename>/download?path="""

import gzip
import io
import subprocess
import tarfile

import pytest
from django.test import AsyncClient

from backups.contents import content_of
from backups.models import Backup
from containermonkey.problems import Invalid, NotFound
from tests.arrange import run_in
from tests.backups.odd_names import ODD_NAMES

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def backup(kept_backup: Backup) -> Backup:
    return kept_backup


@pytest.fixture
def key(backup: Backup) -> str:
    return backup.metadata["volumes"][0]["key"]


def taken(backup: Backup, path: str) -> tuple[str, bytes]:
    found = content_of(backup.filename, path)
    return found.name, b"".join(found.pieces())


def test_a_file_comes_as_itself(backup, key):
    assert taken(backup, f"/{key}/folder/second") == ("second", b"two\n")
    assert content_of(backup.filename, f"/{key}/folder/second").size == 4


def test_a_folder_comes_as_an_archive_of_its_own(backup, key, tmp_path):
    name, content = taken(backup, f"/{key}/folder")
    assert name == "folder.tar.gz"
    here = tmp_path / "here"
    here.mkdir()
    subprocess.run(["tar", "xz", "-C", here], input=content, check=True)
    assert (here / "folder" / "second").read_text() == "two\n"
    assert (here / "folder" / "below").is_dir()
    assert [path.name for path in here.iterdir()] == ["folder"]


def test_a_whole_volume_is_called_by_its_name(backup, key):
    name, content = taken(backup, f"/{key}")
    assert name == "web_data.tar.gz"
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(content))) as tar:
        assert tar.extractfile("web_data/first").read() == b"one\n"


@pytest.mark.parametrize("path", ["/", "", "/no-such-volume/x", "//", "/../etc/passwd"])
def test_what_is_in_no_volume_is_not_found(backup, path):
    with pytest.raises(NotFound):
        content_of(backup.filename, path)


@pytest.mark.parametrize("inner", ["no", "folder/../first", "first/", "../../etc/passwd"])
def test_what_is_not_listed_is_not_found(backup, key, inner):
    with pytest.raises(NotFound):
        content_of(backup.filename, f"/{key}/./{inner}")


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_paths_are_not_found(backup, key, name):
    with pytest.raises(NotFound):
        content_of(backup.filename, f"/{key}/{name}")


def test_a_link_cannot_be_taken_out(docker, web, make_backup):
    run_in(docker, web, "ln", "-s", "/etc/passwd", "/data/link")
    backup = make_backup("web")
    key = backup.metadata["volumes"][0]["key"]
    with pytest.raises(Invalid, match="symlink"):
        content_of(backup.filename, f"/{key}/link")


async def test_no_browser_opens_it(admin, backup, key):
    client = AsyncClient()
    await client.aforce_login(admin)
    answer = await client.get(f"/api/backup/{backup.filename}/download?path=/{key}/first")
    assert b"".join([piece async for piece in answer.streaming_content]) == b"one\n"
    assert answer["Content-Disposition"] == 'attachment; filename="first"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Length"] == "4"


def test_what_is_wrong_is_said_as_json(client, backup):
    for path, status in (("?path=/nothing", 404), ("", 400)):
        answer = client.get(f"/api/backup/{backup.filename}/download{path}")
        assert answer.status_code == status
        assert answer.json()["error"]


def test_the_page_offers_each_file_and_folder(client, backup, key):
    page = client.get(f"/backups/{backup.filename}/?path=/{key}").content.decode()
    for inner in (f"%2F{key}", f"%2F{key}%2Ffolder", f"%2F{key}%2Ffirst"):
        assert f'href="/api/backup/{backup.filename}/download?path={inner}"' in page

"""GET /api/backup/<filename>/preview"""

import pytest

from backups.archive.reader import ArchiveReader
from tests.backups.odd_names import ODD_NAMES, quoted
from tests.backups.records import make_record

pytestmark = pytest.mark.django_db


def looked_into(client, backup, **query) -> dict:
    answer = client.get(f"/api/backup/{backup.filename}/preview", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_it_tells_what_is_inside(client, backup):
    found = looked_into(client, backup)
    assert (found["filename"], found["container_name"]) == (backup.filename, "web")
    container = found["container"]
    assert container["name"] == "web"
    assert container["labels"] == {"about": "<script>alert(1)</script>", "items": "apples"}
    assert {"key": "GREETING", "value": "hello <b>you</b>"} in container["environment"]
    assert container["port_mappings"]["80/tcp"][0]["host_port"] == 8080
    assert container["inspect"]["Config"]["Image"] == "busybox:test"
    volume = found["metadata"]["volumes"][0]
    assert [file["path"] for file in found["files"]] == [f"/{volume['key']}"]


def test_a_folder_can_be_opened(admin_client, backup):
    key = looked_into(admin_client, backup)["metadata"]["volumes"][0]["key"]
    top = looked_into(admin_client, backup, path=f"/{key}")
    assert {(file["path"], file["type"], file["size"]) for file in top["files"]} == {
        (f"/{key}/first", "file", 4),
        (f"/{key}/folder", "directory", 0),
    }
    below = looked_into(admin_client, backup, path=f"/{key}/folder/", page=2, page_size=1)
    assert (len(below["files"]), below["files_total"]) == (1, 2)


def test_what_would_be_in_the_way_is_named(admin_client, backup, docker):
    conflicts = looked_into(admin_client, backup)["conflicts"]
    assert {(conflict["kind"], conflict["name"]) for conflict in conflicts} >= {
        ("name", "web"),
        ("volume", "web_data"),
    }
    docker.remove_container("web", force=True)
    docker.remove_volume("web_data")
    assert looked_into(admin_client, backup)["conflicts"] == []


@pytest.mark.parametrize("path", ["/nothing", "/../../etc", "..", "/\0", "/\n", "//", "/<b>"])
def test_a_path_that_is_not_inside_leads_nowhere(admin_client, backup, path):
    answer = admin_client.get(f"/api/backup/{backup.filename}/preview", {"path": path})
    assert answer.status_code in (200, 404)
    if answer.status_code == 200:
        assert all(file["path"].count("/") == 1 for file in answer.json()["files"])
    else:
        assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("query", [{"page": 0}, {"page": "x"}, {"path": "/" * 5000}])
def test_a_wrong_question_is_answered_with_400(admin_client, query):
    answer = admin_client.get(f"/api/backup/{make_record().filename}/preview", query)
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_is_no_backup_is_not_there(admin_client, name):
    answer = admin_client.get(f"/api/backup/{quoted(name)}/preview")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\0" + bytes(2000)])
def test_a_file_that_is_no_archive_any_more_is_said_so(admin_client, data_dir, content):
    record = make_record()
    (data_dir / "backups" / record.filename).write_bytes(content)
    answer = admin_client.get(f"/api/backup/{record.filename}/preview")
    assert answer.status_code == 400
    assert str(data_dir) not in answer.json()["error"]


def test_a_file_that_is_gone_is_said_so(admin_client, data_dir):
    answer = admin_client.get(f"/api/backup/{make_record().filename}/preview")
    assert answer.status_code == 404


def test_it_works_while_the_engine_is_away(admin_client, backup, settings):
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    found = looked_into(admin_client, backup)
    assert found["container"]["name"] == "web"
    assert [conflict["kind"] for conflict in found["conflicts"]] == ["engine"]


def test_a_stranger_is_refused(stranger_client, db):
    assert stranger_client.get("/api/backup/web.tar.gz/preview").status_code == 401


def test_a_compose_file_that_is_no_text_is_shown_as_far_as_it_is(client, backup, monkeypatch):
    read_file = ArchiveReader.read_file

    def with_odd_bytes(self: ArchiveReader, name: str, **options: int) -> bytes:
        return b"services: \xff" if name.endswith("compose.yaml") else read_file(self, name)

    monkeypatch.setattr(ArchiveReader, "read_file", with_odd_bytes)
    assert client.get(f"/api/backup/{backup.filename}/preview").status_code == 200

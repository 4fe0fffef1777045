"""The pages and the API of networks' backups"""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backups.files import archive_path
from backups.models import Backup, Kind
from backups.networks import uploads
from tests.backups.odd_names import ODD_NAMES
from tests.backups.pages import links_of, tags_of, text_of
from tests.backups.records import make_record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

HTMX = {"HX-Request": "true"}


@pytest.fixture
def brought(backup) -> bytes:
    """The bytes of a network's archive that is not listed here any more."""
    content = archive_path(backup.filename).read_bytes()
    archive_path(backup.filename).unlink()
    backup.delete()
    return content


def form(content: bytes, name: str = "mine.tar.gz"):
    return {"file": SimpleUploadedFile(name, content, "application/gzip")}


def test_the_api_backs_up_and_lists(client, shop):
    answer = client.post("/api/network/shop/backup", content_type="application/json")
    assert answer.status_code == 201
    made = answer.json()
    assert (made["kind"], made["container_name"], made["verified"]) == ("network", "shop", True)
    make_record("web")
    assert client.get("/api/network-backups").json() == {"backups": [made], "total": 1}
    assert client.get("/api/backups?kind=network").json()["total"] == 1
    for name, status in (("nothing", 404), ("bridge", 409)):
        answer = client.post(f"/api/network/{name}/backup", content_type="application/json")
        assert answer.status_code == status
    assert (
        client.post("/api/network/nothing/backup", content_type="application/json").status_code
        == 404
    )
    assert (
        client.post("/api/network/bridge/backup", content_type="application/json").status_code
        == 409
    )


def test_a_row_backs_up_and_shows_when(client, shop):
    response = client.post(f"/backups/networks/{shop['Id']}/create/", follow=True)
    assert "Backed up the network shop" in text_of(response)
    assert tags_of(response, "time")
    assert Backup.objects.get().kind == Kind.NETWORK


def test_the_api_restores(client, backup, docker):
    answer = client.post(
        "/api/network/restore", {"filename": backup.filename}, content_type="application/json"
    )
    assert answer.status_code == 409
    assert [conflict["kind"] for conflict in answer.json()["conflicts"]] == ["name"]
    docker.remove_network("shop")
    answer = client.post(
        "/api/network/restore", {"filename": backup.filename}, content_type="application/json"
    )
    assert answer.status_code == 201
    restored = answer.json()
    assert restored["id"] == docker.inspect_network("shop")["Id"]
    assert (restored["name"], restored["report"], restored["replaced"]) == ("shop", [], "")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"filename": 7},
        {"filename": "f", "on_conflict": "hope"},
        {"filename": "f", "new_name": "../x"},
        {"filename": "f", "misspelt": True},
    ],
)
def test_an_odd_request_is_invalid(admin_client, body):
    answer = admin_client.post("/api/network/restore", body, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_is_no_backup_is_not_restored(admin_client, name):
    body = {"filename": name}
    answer = admin_client.post("/api/network/restore", body, content_type="application/json")
    assert answer.status_code in (400, 404)


def test_a_containers_way_says_that_it_is_a_network(admin_client, backup):
    answer = admin_client.post(
        "/api/restore-backup", {"filename": backup.filename}, content_type="application/json"
    )
    assert answer.status_code == 400
    assert "backup of a “network”, not of a container" in answer.json()["error"]


def test_the_preview_tells_what_is_in_the_way(client, backup):
    answer = client.get(f"/api/backup/{backup.filename}/preview").json()
    assert (answer["container"], answer["files"]) == (None, [])
    assert [conflict["message"] for conflict in answer["conflicts"]] == [
        "A network has the name shop."
    ]


def test_an_upload_is_listed_and_can_be_restored(client, brought, docker):
    answer = client.post("/api/upload-network-backup", form(brought))
    assert answer.status_code == 201
    assert answer.json()["filename"] == "mine.tar.gz"
    docker.remove_network("shop")
    body = {"filename": "mine.tar.gz"}
    answer = client.post("/api/network/restore", body, content_type="application/json")
    assert answer.status_code == 201


def test_the_same_archive_is_not_listed_twice(admin_client, backup):
    content = archive_path(backup.filename).read_bytes()
    answer = admin_client.post("/api/upload-network-backup", form(content))
    assert (answer.status_code, answer.json()["filename"]) == (201, backup.filename)
    assert Backup.objects.count() == 1


@pytest.mark.parametrize("name", ["../../etc.tar.gz", "a b.tar.gz", "x", "network-ö.tar.gz"])
def test_an_odd_filename_is_not_used(admin_client, brought, data_dir, name):
    answer = admin_client.post("/api/upload-network-backup", form(brought, name))
    assert answer.status_code == 201
    filename = answer.json()["filename"]
    assert [path.name for path in (data_dir / "backups").iterdir()] == [filename]


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_what_is_not_whole_is_refused_and_not_kept(admin_client, brought, data_dir, cut):
    answer = admin_client.post("/api/upload-network-backup", form(brought[:cut]))
    assert answer.status_code == 400
    assert not Backup.objects.exists()
    assert list((data_dir / "backups").iterdir()) == []


def test_the_backup_of_a_container_is_refused_here(admin_client, brought, data_dir, tmp_path):
    from backups.archive.writer import ArchiveWriter

    path = tmp_path / "c.tar.gz"
    with ArchiveWriter(path) as archive:
        archive.add_file("backup/manifest.json", b'{"kind": "container"}', mtime=0)
        archive.finish()
    answer = admin_client.post("/api/upload-network-backup", form(path.read_bytes()))
    assert answer.status_code == 400
    assert "not that of a network" in answer.json()["error"]
    assert list((data_dir / "backups").iterdir()) == []


def test_a_large_file_is_refused(admin_client, data_dir):
    answer = admin_client.post("/api/upload-network-backup", form(bytes(uploads.LARGEST + 1)))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert list((data_dir / "backups").iterdir()) == []


def test_a_request_without_a_file_is_invalid(admin_client):
    assert admin_client.post("/api/upload-network-backup").status_code == 400


def test_the_form_takes_a_file_in(client, brought):
    assert tags_of(client.get("/backups/networks/upload/"), "form", enctype="multipart/form-data")
    response = client.post("/backups/networks/upload/", form(brought), follow=True)
    words = text_of(response)
    assert "Took in the backup of shop" in words
    assert "10.77.0.0/16" in words


def test_the_form_says_what_is_wrong(admin_client):
    response = admin_client.post("/backups/networks/upload/", {"file": io.BytesIO(b"no")})
    assert response.status_code == 422
    assert tags_of(response, "span", **{"class": "err"})
    assert admin_client.post("/backups/networks/upload/").status_code == 422


def test_the_form_does_not_take_in_what_is_large(admin_client, data_dir):
    response = admin_client.post("/backups/networks/upload/", form(bytes(uploads.LARGEST + 1)))
    assert response.status_code == 422
    assert "never larger than 1 MiB" in text_of(response)
    assert list((data_dir / "backups").iterdir()) == []


def test_the_form_of_another_site_is_refused(admin, brought, data_dir):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin)
    assert browser.post("/backups/networks/upload/", form(brought)).status_code == 403
    page = browser.get("/backups/networks/upload/").content.decode()
    token = {"csrfmiddlewaretoken": get_token_of(page)}
    assert browser.post("/backups/networks/upload/", token | form(brought)).status_code == 302


def get_token_of(page: str) -> str:
    """The token in a form, where it has to stand before the file."""
    before, _, _ = page.partition('type="file"')
    return before.rpartition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]


def test_its_page_shows_what_it_is_made_from(client, backup):
    response = client.get(f"/backups/{backup.filename}/")
    words = text_of(response)
    for expected in ("10.77.0.9", "10.77.5.1", "Attachable", "tier", "front"):
        assert expected in words
    assert f"/backups/{backup.filename}/restore/" in links_of(response)


def test_the_list_tells_it_from_a_container(admin_client, backup):
    make_record("web")
    response = admin_client.get("/backups/")
    assert len(tags_of(response, "span", **{"class": "tag"})) == 1
    assert {"shop", "web"} <= set(text_of(response).split())
    assert "web" not in text_of(admin_client.get("/backups/?kind=network", headers=HTMX))


def test_the_restore_page_shows_the_plan(client, backup, docker):
    address = f"/backups/{backup.filename}/restore/"
    words = text_of(client.get(address))
    assert "A network has the name shop. Choose under “Where a name is taken”" in words
    response = client.get(address, {"on_conflict": "replace"}, headers=HTMX)
    assert "Back up the present network shop" in text_of(response)
    assert not tags_of(response, "html")
    response = client.post(address, {"on_conflict": "fail"})
    assert response.status_code == 422
    assert "Nothing was changed." in text_of(response)
    response = client.post(address, {"on_conflict": "replace"}, follow=True)
    assert "The network shop is back." in text_of(response)


@pytest.mark.parametrize("option", [{"new_name": "../x"}, {"on_conflict": "hope"}])
def test_a_wrong_option_comes_back_with_the_reason(admin_client, backup, option):
    address = f"/backups/{backup.filename}/restore/"
    response = admin_client.post(address, option)
    assert response.status_code == 422
    assert "The options are not valid" in text_of(response)
    assert admin_client.get(address, option).status_code == 200


def test_a_stranger_gets_nothing(stranger_client, backup, shop):
    address = f"/backups/{backup.filename}/restore/"
    assert stranger_client.post(address).status_code == 302
    assert stranger_client.post(f"/backups/networks/{shop['Id']}/create/").status_code == 302
    assert stranger_client.post("/backups/networks/upload/").status_code == 302
    assert (
        stranger_client.post(
            "/api/network/shop/backup", content_type="application/json"
        ).status_code
        == 401
    )
    assert Backup.objects.count() == 1

"""/backups/bulk/ and /backups/delete-all/"""

import pytest

from backups.models import Backup, BulkDownload
from jobs.models import Job, Kind
from tests.backups.pages import tags_of, text_of
from tests.backups.records import make_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def archives(data_dir) -> list[str]:
    made = [make_record(name, age, size=7) for age, name in enumerate(("web", "db", "cache"))]
    for record in made:
        (data_dir / "backups" / record.filename).write_bytes(b"archive")
    return [record.filename for record in made]


def act(client, action: str, *names: str, **more):
    return client.post("/backups/bulk/", {"action": action, "filename": names, **more})


def test_every_row_can_be_selected(client, archives):
    page = client.get("/backups/")
    boxes = tags_of(page, "input", type="checkbox", form="bulk")
    assert [box["value"] for box in boxes] == archives
    offered = [button["value"] for button in tags_of(page, "button", form="bulk")]
    assert offered == ["download", "verify", "delete"]


def test_the_selected_are_downloaded_as_one_file(client, archives):
    response = act(client, "download", *archives[:2])
    download = BulkDownload.objects.get()
    assert response["Location"] == f"/api/backups/download-all/{download.download_id}"
    assert [row[0] for row in download.entries] == archives[:2]


def test_the_selected_are_checked_again(client, archives):
    response = act(client, "verify", *archives[:2])
    assert response["Location"] == "/jobs/"
    asked = Job.objects.filter(kind=Kind.VERIFY).order_by("pk")
    assert [job.arguments["filename"] for job in asked] == archives[:2]
    assert len({job.requested_by.username for job in asked}) == 1
    assert "The check of 2 backups is in the queue." in text_of(client.get("/jobs/"))


def test_one_that_is_gone_keeps_no_other_from_being_checked(admin_client, archives):
    act(admin_client, "verify", "nothing.tar.gz", archives[0])
    words = text_of(admin_client.get("/jobs/"))
    assert "The check of 1 backup is in the queue." in words
    assert "1 backup could not be checked. There is no backup named “nothing.tar.gz”." in words
    assert act(admin_client, "verify", "nothing.tar.gz")["Location"] == "/backups/"
    assert Job.objects.count() == 1


def test_by_json_each_check_has_its_progress(client, archives):
    body = {"filenames": [archives[0], "nothing.tar.gz", archives[0]]}
    answer = client.post("/api/backups/verify", body, content_type="application/json")
    job = Job.objects.get(kind=Kind.VERIFY)
    assert answer.status_code == 202
    assert answer.json() == {
        "asked": [{"filename": archives[0], "progress_id": str(job.progress_id)}],
        "failed": [
            {
                "filename": "nothing.tar.gz",
                "error": "There is no backup named “nothing.tar.gz”.",
            }
        ],
    }


@pytest.mark.parametrize("body", [{}, {"filenames": []}, {"filenames": "web"}, {"all": True}])
def test_by_json_it_has_to_be_said_which(admin_client, archives, body):
    answer = admin_client.post("/api/backups/verify", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not Job.objects.exists()


def test_deleting_the_selected_asks_first(client, archives):
    response = act(client, "delete", *archives[:2])
    words = text_of(response)
    assert response.status_code == 200
    assert "Delete 2 backups?" in words
    assert "14 B" in words
    assert "db" in words
    assert "Type delete to go on" in words
    assert Backup.objects.count() == 3


def test_a_wrong_word_deletes_nothing(admin_client, archives):
    response = act(admin_client, "delete", *archives[:2], confirm="yes")
    assert response.status_code == 422
    hidden = tags_of(response, "input", type="hidden", name="filename")
    assert {each["value"] for each in hidden} == set(archives[:2])
    assert Backup.objects.count() == 3


def test_with_the_word_the_selected_go(client, archives, data_dir):
    act(client, "delete", *archives[:2], confirm="Delete ")
    assert "Deleted 2 backups" in text_of(client.get("/backups/"))
    assert [path.name for path in (data_dir / "backups").iterdir()] == archives[2:]


def test_what_is_not_there_is_said(admin_client, archives):
    act(admin_client, "delete", "nothing.tar.gz", archives[0], confirm="delete")
    words = text_of(admin_client.get("/backups/"))
    assert "1 backup could not be deleted. There is no backup named “nothing.tar.gz”." in words
    assert "Deleted 1 backup" in words


@pytest.mark.parametrize("action", ["rename", ""])
def test_what_is_to_be_done_has_to_be_said(client, archives, action):
    answer = act(client, action, archives[0])
    assert answer.status_code == 400
    assert "must be one of delete, download, verify" in text_of(answer)
    assert not BulkDownload.objects.exists()


def test_nothing_selected_is_said(admin_client, archives):
    assert act(admin_client, "delete")["Location"] == "/backups/"
    assert "No backup was selected." in text_of(admin_client.get("/backups/"))


def test_deleting_all_says_what_is_lost(client, archives):
    words = text_of(client.get("/backups/delete-all/"))
    assert "Delete 3 backups?" in words
    assert "3 archives of 21 B in all are lost for good." in words
    for container in ("cache", "db", "web"):
        assert container in words


def test_deleting_all_asks_for_the_word(client, archives):
    refused = client.post("/backups/delete-all/", {"confirm": "all"})
    assert refused.status_code == 422
    assert "Type delete to go on." in text_of(refused)
    assert Backup.objects.count() == 3
    assert client.post("/backups/delete-all/", {"confirm": "delete"}).status_code == 302
    assert not Backup.objects.exists()


def test_in_a_dialog_the_question_is_a_fragment(admin_client, archives):
    response = admin_client.get("/backups/delete-all/", headers={"HX-Request": "true"})
    assert not tags_of(response, "html")


@pytest.mark.parametrize("address", ["/backups/bulk/", "/backups/delete-all/"])
def test_a_stranger_is_sent_to_sign_in(stranger_client, archives, address):
    body = {"action": "delete", "filename": archives, "confirm": "delete"}
    assert stranger_client.post(address, body)["Location"].startswith("/accounts/sign-in/")
    assert Backup.objects.count() == 3

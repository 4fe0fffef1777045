"""Uploading, making, renaming and deleting on the pages of a volume's files"""

import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.backups.pages import links_of, tags_of, text_of

pytestmark = pytest.mark.django_db

FILES = "/volumes/data/files/"
HOSTILE = "<img src=x onerror=alert(1)>"
CONTROLS = ["upload/", "new-folder/", "rename/", "delete/"]


@pytest.mark.parametrize("who", ["admin_client", "operator_client"])
def test_the_folder_offers_what_can_be_done(request, who, root):
    client = request.getfixturevalue(who)
    page = client.get(f"{FILES}?path=/folder")
    links = links_of(page)
    for link in (
        f"{FILES}upload/?path=%2Ffolder",
        f"{FILES}new-folder/?path=%2Ffolder",
        f"{FILES}rename/?path=%2Ffolder%2Fsecond",
    ):
        assert link in links
        assert client.get(link).status_code == 200
    deleting = f"{FILES}delete/?path=%2Ffolder%2Fbelow"
    may_delete = who == "admin_client"
    assert (deleting in links) == may_delete
    assert client.get(deleting).status_code == (200 if may_delete else 403)
    assert tags_of(page, "input", name="path", value="/folder/second", form="bulk")


def test_several_files_are_uploaded_and_each_has_its_result(admin_client, root):
    page = admin_client.get(f"{FILES}upload/?path=/folder")
    [form] = [each for each in tags_of(page, "form") if "data-upload-form" in each]
    assert (form["method"], form["enctype"]) == ("post", "multipart/form-data")
    files = [SimpleUploadedFile(name, b"new") for name in ("second", "third")]
    answer = admin_client.post(form["action"], {"file": files})
    assert answer["Location"] == f"{FILES}?path=%2Ffolder"
    words = text_of(admin_client.get(answer["Location"]))
    assert "“second” was not uploaded. There is “second” in that folder already." in words
    assert "Uploaded “third”" in words
    files = [SimpleUploadedFile("second", b"new")]
    admin_client.post(form["action"], {"overwrite": "on", "file": files})
    assert (root / "folder" / "second").read_text() == "new"
    assert admin_client.post(form["action"], {"file": ""}).status_code == 302
    assert "No file was chosen." in text_of(admin_client.get(FILES))


def test_a_folder_is_made(admin_client, root):
    answer = admin_client.post(f"{FILES}new-folder/?path=/folder", {"name": "new"})
    assert answer["Location"] == f"{FILES}?path=%2Ffolder"
    assert (root / "folder" / "new").is_dir()
    for name, words in (("new", "already"), ("a/b", "one name"), ("", "required")):
        answer = admin_client.post(f"{FILES}new-folder/?path=/folder", {"name": name})
        assert answer.status_code == 422
        assert words in text_of(answer)


def test_a_file_is_renamed_and_moved(admin_client, root):
    address = f"{FILES}rename/?path=/first"
    page = admin_client.get(address)
    assert tags_of(page, "input", name="name", value="first")
    assert tags_of(page, "input", name="folder", value="/")
    answer = admin_client.post(address, {"name": "second", "folder": "/folder"})
    assert answer.status_code == 422
    assert "already" in text_of(answer)
    answer = admin_client.post(address, {"name": "..", "folder": "/folder"})
    assert answer.status_code == 422
    answer = admin_client.post(address, {"name": "x/y", "folder": "/folder"})
    assert "no slash" in text_of(answer)
    body = {"name": "second", "folder": "/folder", "overwrite": "on"}
    assert admin_client.post(address, body)["Location"] == f"{FILES}?path=%2Ffolder"
    assert (root / "folder" / "second").read_text() == "one\n"
    assert admin_client.get(address).status_code == 200
    assert admin_client.post(address, body).status_code == 404


def test_before_several_are_deleted_it_says_how_many(admin_client, root):
    (root / "folder" / "below" / "deep").touch()
    body = {"path": ["/folder", "/first"]}
    page = admin_client.post(f"{FILES}delete/", body)
    words = text_of(page)
    assert "Delete 1 folder and 1 file?" in words
    assert "with 3 files and folders in it" in words
    assert "3 files and folders more" in words
    assert sorted(os.listdir(root)) == ["first", "folder"]
    answer = admin_client.post(f"{FILES}delete/", {**body, "confirmed": "1"})
    assert answer["Location"] == f"{FILES}?path=%2F"
    assert os.listdir(root) == []
    assert "Deleted 2 files and folders" in text_of(admin_client.get(FILES))


def test_one_is_deleted_and_one_that_is_gone_is_told(admin_client, root):
    assert "Delete “first”?" in text_of(admin_client.get(f"{FILES}delete/?path=/first"))
    body = {"path": ["/first", "/gone"], "confirmed": "1"}
    admin_client.post(f"{FILES}delete/", body)
    words = text_of(admin_client.get(FILES))
    assert "Deleted first" in words
    assert "1 could not be deleted. /gone: The volume holds no “/gone”." in words
    assert admin_client.get(f"{FILES}delete/?path=/gone").status_code == 404
    assert admin_client.post(f"{FILES}delete/")["Location"] == f"{FILES}?path=%2F"


def test_hostile_names_are_never_markup(admin_client, root):
    (root / HOSTILE).mkdir()
    for address in (
        FILES,
        f"{FILES}?path=/{HOSTILE}",
        f"{FILES}upload/?path=/{HOSTILE}",
        f"{FILES}new-folder/?path=/{HOSTILE}",
        f"{FILES}rename/?path=/{HOSTILE}",
        f"{FILES}delete/?path=/{HOSTILE}",
    ):
        page = admin_client.get(address).content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page
    admin_client.post(f"{FILES}new-folder/?path=/", {"name": "<b>new</b>"})
    assert "<b>new" not in admin_client.get(FILES).content.decode()


def test_where_volumes_are_only_read_nothing_else_is_offered(admin_client, root, settings):
    settings.VOLUMES_READ_ONLY = True
    page = admin_client.get(FILES)
    assert not [link for link in links_of(page) for each in CONTROLS if f"files/{each}" in link]
    assert not tags_of(page, "input", name="path")
    for control in CONTROLS:
        answer = admin_client.get(f"{FILES}{control}?path=/first")
        assert answer.status_code == 403
        assert "CONTAINERMONKEY_VOLUMES_READ_ONLY" in text_of(answer)


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("path", ["/..", "/up/x", "%2e%2e/x", "/no/x"])
def test_problems_are_sentences(admin_client, root, control, path):
    (root / "up").symlink_to("../..")
    answer = admin_client.get(f"{FILES}{control}?path={path}")
    assert answer.status_code == (404 if "no" in path else 400)


@pytest.mark.parametrize("control", CONTROLS)
def test_a_stranger_and_another_site_change_nothing(stranger_client, admin, root, control):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin)
    body = {"path": "/first", "confirmed": "1", "name": "new", "folder": "/"}
    address = f"{FILES}{control}?path=/first"
    assert stranger_client.post(address, body).status_code == 302
    assert browser.post(address, body).status_code == 403
    assert sorted(os.listdir(root)) == ["first", "folder"]

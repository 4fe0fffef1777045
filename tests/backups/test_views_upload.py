"""/backups/upload/"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backups.models import Backup
from tests.backups.brought import of_container
from tests.backups.pages import links_of, tags_of, text_of

pytestmark = pytest.mark.django_db

ADDRESS = "/backups/upload/"


def given(*paths) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(path.name, path.read_bytes()) for path in paths]


def test_the_list_leads_here(client, data_dir):
    assert ADDRESS in links_of(client.get("/backups/"))
    page = client.get(ADDRESS)
    [form] = [each for each in tags_of(page, "form") if each.get("action") == ADDRESS]
    assert (form["method"], form["enctype"]) == ("post", "multipart/form-data")
    assert tags_of(page, "input", type="file", name="file")


def test_the_token_goes_before_the_files(admin_client, data_dir):
    body = admin_client.get(ADDRESS).content.decode()
    form = body[body.index("data-upload-form") :]
    assert form.index("csrfmiddlewaretoken") < form.index('type="file"')


def test_several_files_each_have_their_own_result(client, make_archive, tmp_path):
    odd = tmp_path / "photos.tar.gz"
    odd.write_text("another program's")
    web, db = make_archive(), make_archive(of_container("db"), name="db.tar.gz")
    response = client.post(ADDRESS, {"file": given(web, odd, db, web)})
    assert response["Location"] == "/backups/"
    words = text_of(client.get("/backups/"))
    assert "brought.tar.gz was checked and is listed." in words
    assert "photos.tar.gz was not taken in. This file is not a backup" in words
    assert "db.tar.gz was checked and is listed." in words
    assert "brought.tar.gz was here already, as brought.tar.gz." in words
    assert Backup.objects.count() == 2


def test_without_a_file_it_asks_again(admin_client, data_dir):
    response = admin_client.post(ADDRESS, {"file": ""})
    assert response["Location"] == ADDRESS
    assert "No file was chosen." in text_of(admin_client.get(ADDRESS))


def test_a_form_of_another_site_is_refused(admin, make_archive, data_dir):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin)
    assert browser.post(ADDRESS, {"file": given(make_archive())}).status_code == 403
    assert not list((data_dir / "backups").iterdir())


@pytest.mark.parametrize("fields", [{"before": "x" * 5000}, {f"f{n}": "" for n in range(30)}])
def test_too_much_beside_the_files_is_refused_and_no_defect(admin, make_archive, data_dir, fields):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin)
    browser.get(ADDRESS)  # has the cookie of the token
    assert browser.post(ADDRESS, fields | {"file": given(make_archive())}).status_code == 400
    assert not list((data_dir / "backups").iterdir())


def test_a_stranger_is_sent_to_sign_in(stranger_client, make_archive, data_dir):
    response = stranger_client.post(ADDRESS, {"file": given(make_archive())})
    assert response["Location"].startswith("/accounts/sign-in/")
    assert not list((data_dir / "backups").iterdir())

"""/backups/<filename>/"""

import pytest

from tests.arrange import run_in
from tests.backups.odd_names import ODD_NAMES, quoted
from tests.backups.oddities import make_socket
from tests.backups.pages import links_of, tags_of, text_of
from tests.backups.records import make_record
from tests.backups.steps import volume_path

pytestmark = pytest.mark.django_db


def address(backup, path: str = "") -> str:
    return f"/backups/{backup.filename}/" + (f"?path={path}" if path else "")


def key_of(backup) -> str:
    return backup.metadata["volumes"][0]["key"]


def test_it_tells_what_is_inside(client, backup):
    response = client.get(address(backup))
    words = text_of(response)
    for expected in (
        backup.filename,
        backup.sha256,
        "8080 → 80/tcp",
        "bridge",
        "web_data",
        "/data",
    ):
        assert expected in words
    assert f"/api/download/{backup.filename}" in links_of(response)
    assert f"/backups/{backup.filename}/restore/" in links_of(response)
    assert f"/backups/{backup.filename}/delete/" in links_of(response)


def test_the_environment_is_folded_away(client, backup):
    body = client.get(address(backup)).content.decode()
    shown = body[: body.index("s3cret")]
    assert shown.count("<details") - shown.count("</details") == 2


def test_nothing_of_the_container_breaks_out(client, backup):
    response = client.get(address(backup))
    assert "<script>alert(1)</script>" in text_of(response)
    assert "hello <b>you</b>" in text_of(response)
    assert b"<script>alert" not in response.content
    assert b"<b>you" not in response.content


def test_what_was_left_out_is_said_and_why(admin_client, make_container, make_backup):
    make_container("web", host={"binds": ["/srv/photos:/photos"]}, start=False)
    words = text_of(admin_client.get(address(make_backup("web"))))
    assert "/photos is not in the backup Bind mounts were not asked for." in words


def test_what_the_engine_does_not_keep_is_said_where_it_moved_the_data(
    client, web, make_backup, through_the_engine
):
    lost = "Saved without user attributes"
    assert lost in text_of(client.get(address(make_backup("web"))))


def test_what_happened_while_it_was_read_is_said(admin_client, web, make_backup, docker):
    make_socket(volume_path(docker, "web_data") / "<b>socket")
    words = text_of(admin_client.get(address(make_backup("web"))))
    assert "While it was read /data: <b>socket: socket ignored" in words
    assert "Saved without" not in words


def test_a_folder_can_be_opened_step_by_step(admin_client, backup):
    top = admin_client.get(address(backup))
    opened = f"?path=%2F{key_of(backup)}"
    assert f"{opened}#files" in links_of(top)

    volume = admin_client.get(address(backup, f"/{key_of(backup)}"))
    assert "first" in text_of(volume)
    assert f"{opened}%2Ffolder#files" in links_of(volume)

    folder = admin_client.get(address(backup, f"/{key_of(backup)}/folder"))
    assert "second" in text_of(folder)
    assert "first" not in text_of(folder)
    assert f"{opened}#files" in links_of(folder)


def test_htmx_gets_the_files_alone(admin_client, backup):
    response = admin_client.get(
        address(backup, f"/{key_of(backup)}"), headers={"HX-Request": "true"}
    )
    assert response.content.decode().lstrip().startswith('<section class="stack" id="files"')
    assert "first" in text_of(response)


def test_names_of_files_are_shown_as_they_are(admin_client, docker, web, make_backup):
    run_in(docker, web, "sh", "-c", "touch '/data/<img src=x>' \"$(printf '/data/a\\nb')\"")
    response = admin_client.get(address(made := make_backup("web"), f"/{key_of(made)}"))
    assert "<img src=x>" in text_of(response)
    assert "a\\x0ab" in text_of(response)
    assert not tags_of(response, "img")


def test_a_folder_with_many_files_comes_in_pages(admin_client, docker, web, make_backup):
    run_in(docker, web, "sh", "-c", "mkdir /data/many; cd /data/many; touch $(seq 1000 1200)")
    made = make_backup("web")
    second = admin_client.get(address(made, f"/{key_of(made)}/many&page=2"))
    assert "201–201 of 201" in text_of(second)


@pytest.mark.parametrize("page", ["0", "-1", "x", "1e3", "9" * 40])
def test_a_page_that_is_none_is_the_first_or_empty(admin_client, backup, page):
    response = admin_client.get(address(backup, f"/{key_of(backup)}&page={page}"))
    assert response.status_code == 200


@pytest.mark.parametrize("path", ["/nothing", "/../../etc/passwd", "/%00", "/%0a", "/<b>"])
def test_a_path_that_is_not_inside_leads_nowhere(admin_client, backup, path):
    assert admin_client.get(address(backup, path)).status_code == 404


@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_is_no_backup_is_not_there(admin_client, name):
    assert admin_client.get(f"/backups/{quoted(name)}/").status_code == 404


def test_a_damaged_archive_is_said_so(admin_client, data_dir):
    record = make_record()
    (data_dir / "backups" / record.filename).write_bytes(b"no archive")
    response = admin_client.get(address(record))
    assert response.status_code == 200
    assert (
        "It cannot be looked into This file is not a backup made by Container Monkey."
        in text_of(response)
    )


def test_it_needs_no_engine(admin_client, backup, settings):
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    assert admin_client.get(address(backup)).status_code == 200


def test_a_stranger_is_sent_to_sign_in(stranger_client):
    response = stranger_client.get("/backups/web.tar.gz/")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/sign-in/")

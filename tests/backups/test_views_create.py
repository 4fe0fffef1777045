"""/backups/create/<container>/"""

import pytest

from backups.models import Backup
from jobs.models import Job
from jobs.worker import run_next
from tests.backups.odd_names import ODD_NAMES, quoted
from tests.backups.pages import tags_of, text_of

pytestmark = pytest.mark.django_db
ADDRESS = "/backups/create/web/"


def test_it_says_what_is_saved_and_what_never_is(client, make_container):
    make_container(
        "web",
        volumes=["/cache"],
        host={"binds": ["web_data:/data", "/srv/photos:/photos", "/etc:/host:ro"]},
    )
    make_container("db", host={"binds": ["web_data:/shared"]})
    make_container("sidecar", host={"network_mode": "container:web"})
    words = text_of(client.get(ADDRESS))
    assert "Volume web_data" in words
    assert "Anonymous volume at /cache" in words
    assert "because they use the same volumes: db." in words
    assert "because they depend on what is stopped: sidecar." in words
    assert "/srv/photos" in words
    assert "Never read: 1 mount /host It is a folder of the host's own system" in words


def test_its_title_is_the_heading_of_the_page(admin_client, web):
    response = admin_client.get(ADDRESS)
    assert len(tags_of(response, "h1")) == 1
    assert len(tags_of(response, "h1", id="dialog-title")) == 1


def test_a_container_without_data_is_said_so(admin_client, make_container):
    make_container("web", start=False)
    assert "It has no volumes" in text_of(admin_client.get(ADDRESS))


def test_looking_leaves_no_job_and_no_helper(admin_client, web, docker):
    admin_client.get(ADDRESS)
    assert not Job.objects.exists()
    assert len(docker.containers(all=True)) == 1


def test_it_asks_for_the_backup_and_leads_to_the_job(client, data_dir, web):
    choices = {"consistency": "pause", "include_image": "on"}
    response = client.post(ADDRESS, choices)
    job = Job.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/jobs/{job.progress_id}/"
    assert job.arguments["options"] == {
        "consistency": "pause",
        "include_image": True,
        "include_bind_mounts": False,
    }
    assert "The backup of web is in the queue." in text_of(client.get(response["Location"]))
    assert run_next()
    assert Backup.objects.get().container_name == "web"


def test_a_choice_that_is_none_comes_back(admin_client, web):
    response = admin_client.post(ADDRESS, {"consistency": "<b>"})
    assert response.status_code == 422
    assert "Select a valid choice. <b> is not one" in text_of(response)
    assert not Job.objects.exists()


def test_in_a_dialog_it_is_a_fragment(admin_client, web):
    response = admin_client.get(ADDRESS, headers={"HX-Request": "true"})
    assert not tags_of(response, "html")
    assert tags_of(response, "form", action=ADDRESS)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_cannot_exist_is_not_there(admin_client, engine, name, method):
    data = {"consistency": "none"} if method == "post" else None
    response = getattr(admin_client, method)(f"/backups/create/{quoted(name)}/", data)
    assert response.status_code == 404
    assert not Job.objects.exists()


def test_this_program_itself_is_refused(admin_client, make_container):
    make_container("web", labels={"containermonkey.self": "1"}, start=False)
    assert admin_client.get(ADDRESS).status_code == 409
    assert admin_client.post(ADDRESS, {"consistency": "none"}).status_code == 409
    assert not Job.objects.exists()


def test_an_engine_that_is_down_is_said_so(admin_client):
    response = admin_client.get(ADDRESS)
    assert response.status_code == 503
    assert "cannot be reached" in text_of(response)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_sent_to_sign_in(stranger_client, method):
    response = getattr(stranger_client, method)(ADDRESS)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/sign-in/")
    assert not Job.objects.exists()

"""POST /api/images/pull and the page that asks for it."""

import pytest

from jobs.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


def post(client, body):
    return client.post("/api/images/pull", body, content_type="application/json")


def test_the_api_queues_it(client):
    answer = post(client, {"reference": "nginx", "platform": "linux/arm64"})
    assert answer.status_code == 202
    job = Job.objects.get(progress_id=answer.json()["progress_id"])
    assert (job.kind, job.subject) == ("image_pull", "nginx:latest")
    assert job.arguments == {"reference": "nginx:latest", "platform": "linux/arm64"}
    assert job.requested_by.username
    twice = post(client, {"reference": "nginx:latest", "platform": "linux/arm64"})
    assert twice.json() == answer.json()


def test_the_page_queues_it_without_scripts(client):
    assert 'value="nginx:1"' in client.get("/images/pull/?reference=nginx:1").content.decode()
    answer = client.post("/images/pull/", {"reference": "nginx:1", "platform": ""})
    assert answer["Location"] == f"/jobs/{Job.objects.get().progress_id}/"
    twice = client.post("/images/pull/", {"reference": "nginx:1"})
    assert twice["Location"] == answer["Location"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reference"),
        ({"reference": ""}, "reference"),
        ({"reference": "Nginx"}, "reference"),
        ({"reference": "<b>x</b>"}, "reference"),
        ({"reference": "nginx", "platform": "arm"}, "platform"),
        ({"reference": "nginx", "tag": "1"}, "tag"),
    ],
)
def test_bad_input_names_its_field(client, body, field):
    answer = post(client, body)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert not Job.objects.exists()


def test_what_is_wrong_stands_beside_its_field(client):
    answer = client.post("/images/pull/", {"reference": "<b>Nginx</b>", "platform": "arm"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_reference_error"' in page
    assert "<b>Nginx" not in page


def test_others_are_refused(client, stranger_client):
    assert client.post("/api/images/pull", {"reference": "nginx"}).status_code == 415
    assert post(stranger_client, {"reference": "nginx"}).status_code == 401
    assert stranger_client.post("/images/pull/", {"reference": "nginx"}).status_code == 302
    assert not Job.objects.exists()

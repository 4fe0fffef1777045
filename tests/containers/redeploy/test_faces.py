"""POST /api/container/<id>/redeploy and the page that asks before it."""

import pytest

from jobs.models import Job, Kind, Status
from tests.backups.odd_names import ODD_NAMES, quoted
from tests.engine_calls import recorded_calls

pytestmark = pytest.mark.django_db(transaction=True)


def post(client, reference: str = "web", body: object = None):
    return client.post(
        f"/api/container/{quoted(reference)}/redeploy", body, content_type="application/json"
    )


def test_the_api_queues_it(client, make_container):
    made = make_container("web")
    answer = post(client, "web", {"pull": False})
    assert answer.status_code == 202
    job = Job.objects.get(progress_id=answer.json()["progress_id"])
    assert (job.kind, job.subject) == ("redeploy", "web")
    assert job.arguments == {"container": made, "name": "web", "pull": False}
    assert job.requested_by.username


def test_the_plan_comes_first(client, docker, make_container):
    make_container("web")
    make_container("probe", host={"network_mode": "container:web"})
    answer = post(client, "web", {"dry_run": True})
    assert answer.status_code == 200
    text = " ".join(answer.json()["plan"])
    assert text.startswith("Pull busybox:test")
    assert "probe" in text
    assert not Job.objects.exists()
    page = client.get("/containers/web/redeploy/").content.decode()
    assert "Redeploy web?" in page
    assert "probe" in page


def test_the_page_queues_it_without_scripts(client, make_container):
    make_container("web")
    answer = client.post("/containers/web/redeploy/", {"pull": "1"})
    job = Job.objects.get()
    assert answer["Location"] == f"/jobs/{job.progress_id}/"
    assert job.arguments["pull"] is True
    client.post("/containers/web/redeploy/", {})
    assert Job.objects.last().arguments["pull"] is False
    again = client.post("/containers/web/redeploy/", {"pull": "1"})
    assert again["Location"] == answer["Location"]
    assert Job.objects.count() == 2


def test_what_cannot_be_redeployed_says_why(admin_client, docker, make_container, busybox):
    make_container("task", labels={"com.docker.swarm.task.id": "x"}, start=False)
    assert post(admin_client, "task").status_code == 409
    image_id = docker.inspect_image(busybox)["Id"]
    make_container("nameless", image=image_id, start=False)
    answer = post(admin_client, "nameless")
    assert answer.status_code == 409
    assert "nothing to pull" in answer.json()["error"]
    assert post(admin_client, "nameless", {"pull": False}).status_code == 202
    make_container("monkey", labels={"containermonkey.self": "1"}, start=False)
    assert post(admin_client, "monkey").status_code == 403


@pytest.mark.parametrize("name", ["nobody", *ODD_NAMES])
def test_what_is_not_there_is_not_found(admin_client, engine, name):
    assert post(admin_client, name).status_code == 404


@pytest.mark.parametrize("body", [{"pull": "maybe"}, {"pul": True}, []])
def test_bad_input_is_named(admin_client, make_container, body):
    make_container("web", start=False)
    assert post(admin_client, "web", body).status_code == 400
    assert not Job.objects.exists()


def test_strangers_are_refused(stranger_client, make_container):
    make_container("web", start=False)
    assert post(stranger_client, "web").status_code == 401
    assert stranger_client.post("/containers/web/redeploy/").status_code == 302
    assert not Job.objects.exists()


def plan(client, reference: str = "web", *, pull: bool = True):
    answer = post(client, reference, {"dry_run": True, "pull": pull})
    assert answer.status_code == 200
    return answer.json()


def test_a_plan_with_nothing_in_its_way_has_no_conflicts(client, make_container):
    make_container("web")
    assert plan(client)["conflicts"] == []


def test_an_image_pinned_by_its_digest_has_nothing_newer(admin_client, docker, make_container, app):
    digest = docker.inspect_image(app)["RepoDigests"][0]
    make_container("web", image=digest, start=False)
    (conflict,) = plan(admin_client)["conflicts"]
    assert "pinned by a digest" in conflict["message"]
    assert conflict["answer"] == "pull"
    answer = post(admin_client)
    assert answer.status_code == 409
    assert answer.json()["conflicts"] == [conflict]
    assert plan(admin_client, pull=False)["conflicts"] == []


def test_an_image_with_a_name_like_an_id_is_pulled_by_it(admin_client, docker, make_container):
    from tests import images

    images.build(docker, "cafebabecafe:latest", ["LABEL a=b"])
    make_container("web", image="cafebabecafe", start=False)
    assert plan(admin_client)["conflicts"] == []


def test_what_uses_it_and_runs_on_alone_is_in_the_way(admin_client, docker, make_container):
    make_container("web")
    make_container("probe", host={"network_mode": "container:web"})
    docker.stop("web")
    (conflict,) = plan(admin_client)["conflicts"]
    assert conflict["name"] == "probe"
    assert "still runs" in conflict["message"]


def test_we_are_not_cut_off_from_our_own_network(admin_client, make_container):
    make_container("web")
    labels = {"containermonkey.self": "1"}
    make_container("monkey", labels=labels, host={"network_mode": "container:web"})
    (conflict,) = plan(admin_client)["conflicts"]
    assert "Container Monkey itself" in conflict["message"]


def test_a_network_that_is_gone_is_in_the_way(admin_client, docker, make_container):
    docker.create_network("front")
    make_container("web", start=False, host={"network_mode": "front"})
    docker.remove_network("front")
    (conflict,) = plan(admin_client)["conflicts"]
    assert "front does not exist" in conflict["message"]


def test_a_container_that_is_gone_and_was_used_is_in_the_way(admin_client, docker, make_container):
    make_container("vpn")
    make_container("web", start=False, host={"network_mode": "container:vpn"})
    docker.remove_container("vpn", force=True)
    (conflict,) = plan(admin_client)["conflicts"]
    assert "does not exist any more" in conflict["message"]


def test_what_stays_is_named(admin_client, docker, make_container):
    docker.create_network("front")
    make_container(
        "web",
        ports=[80],
        volumes=["/anonymous"],
        host={"binds": ["data:/data"], "port_bindings": {80: 8080}, "network_mode": "front"},
        labels={"com.docker.compose.project": "<b>shop</b>"},
    )
    page = admin_client.get("/containers/web/redeploy/").content.decode()
    for words in (
        "The volume data at /data",
        "The anonymous volume at /anonymous",
        "The port 8080 for 80/tcp",
        "The network front",
        "compose project &lt;b&gt;shop&lt;/b&gt;",
    ):
        assert words in page, words


def test_while_something_is_in_the_way_there_is_no_button(admin_client, docker, make_container):
    make_container("task", labels={"com.docker.swarm.task.id": "x"}, start=False)
    page = admin_client.get("/containers/task/redeploy/").content.decode()
    assert "In the way" in page
    assert 'type="submit" form="dialog-form"' not in " ".join(page.split())
    assert admin_client.post("/containers/task/redeploy/", {"pull": "1"}).status_code == 409


@pytest.mark.parametrize("working_on", ["web", "probe"])
def test_while_a_job_works_on_it_it_is_refused(admin_client, make_container, working_on):
    make_container("web")
    make_container("probe", host={"network_mode": "container:web"})
    job = Job.objects.create(kind=Kind.BACKUP, subject=working_on, status=Status.RUNNING)
    answer = post(admin_client)
    assert answer.status_code == 409
    assert answer.json()["progress_id"] == str(job.progress_id)


def test_each_container_is_inspected_once_for_a_plan(admin_client, make_container):
    make_container("web")
    for number in range(4):
        make_container(f"probe{number}", host={"network_mode": "container:web"})
    with recorded_calls() as calls:
        plan(admin_client)
    inspected = [call for call in calls if "/containers/" in call and call.endswith("/json")]
    # The container itself once more, to begin with, and the list.
    assert len(inspected) == 5 + 2

"""The redeploy job, POST /api/container/<id>/redeploy and its page"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.models import Job, Kind, Status
from jobs.services import cancel, enqueue
from jobs.worker import run_next
from tests import images
from tests.backups.odd_names import ODD_NAMES, quoted
from tests.registry import Registry

pytestmark = pytest.mark.django_db(transaction=True)

OLD = ["ENV VERSION=1 SHARED=image", "LABEL version=1", 'CMD ["/bin/idle", "one"]', "WORKDIR /one"]
NEW = ["ENV VERSION=2 SHARED=image", "LABEL version=2", 'CMD ["/bin/idle", "two"]', "WORKDIR /two"]


@pytest.fixture
def registry(engine, tmp_path: Path) -> Iterator[Registry]:
    path = tmp_path / "registry"
    path.mkdir()
    registry = Registry(engine, path)
    registry.start()
    yield registry
    registry.stop()


@pytest.fixture
def published(docker, registry):
    """Puts an image into the registry as `app:1`; its reference."""

    def publish(changes: list[str]) -> str:
        images.build(docker, "local:1", changes)
        reference = registry.put(docker, "local:1", "app", "1")
        docker.remove_image("local:1", force=True)
        return reference

    return publish


@pytest.fixture
def app(docker, published):
    """The reference of an image that was pulled, and of which there is a newer one now."""
    reference = published(OLD)
    docker.pull(reference)
    published(NEW)
    return reference


def redeployed(reference: str = "web", *, pull: bool = True, status=Status.COMPLETE) -> Job:
    job = enqueue(
        Kind.REDEPLOY, reference, {"container": reference, "name": reference, "pull": pull}
    )
    assert run_next()
    job.refresh_from_db()
    assert job.status == status, (job.error, job.log)
    return job


def hosts(docker) -> dict[str, tuple[str, str]]:
    return {row["Names"][0][1:]: (row["Id"], row["State"]) for row in docker.containers(all=True)}


def test_the_newer_image_comes_with_what_it_brings(docker, make_container, app):
    old = make_container(
        "web",
        image=app,
        environment=["MODE=fast", "SHARED=mine"],
        labels={"team": "a"},
        host={"binds": ["data:/data"], "restart_policy": {"Name": "always"}},
    )
    job = redeployed()
    inspect = docker.inspect_container("web")
    assert inspect["Id"] != old
    config = inspect["Config"]
    assert set(config["Env"]) == {"VERSION=2", "MODE=fast", "SHARED=mine"}
    assert config["Labels"] == {"version": "2", "team": "a"}
    assert (config["Cmd"], config["WorkingDir"]) == (["/bin/idle", "two"], "/two")
    assert inspect["HostConfig"]["Binds"] == ["data:/data"]
    assert inspect["HostConfig"]["RestartPolicy"]["Name"] == "always"
    assert inspect["State"]["Running"]
    assert hosts(docker).keys() == {"web"}
    assert any("newer image" in sentence for sentence in job.result["report"])


def test_what_is_new_nowhere_is_made_again_all_the_same(docker, make_container, published):
    reference = published(OLD)
    docker.pull(reference)
    old = make_container("web", image=reference)
    job = redeployed()
    assert docker.inspect_container("web")["Id"] != old
    assert "There is no newer image" in " ".join(job.result["report"])


def test_without_pulling_the_image_of_the_host_is_taken(docker, make_container, app):
    make_container("web", image=app)
    redeployed(pull=False)
    assert "VERSION=1" in docker.inspect_container("web")["Config"]["Env"]


def test_anonymous_volumes_go_along(docker, make_container, app):
    make_container("web", image=app, volumes=["/data"])
    (mount,) = docker.inspect_container("web")["Mounts"]
    redeployed()
    (after,) = docker.inspect_container("web")["Mounts"]
    assert (after["Name"], after["Destination"]) == (mount["Name"], "/data")


@pytest.mark.parametrize("state", ["created", "paused"])
def test_the_state_is_kept(docker, make_container, app, state):
    made = make_container("web", image=app, start=state == "paused")
    if state == "paused":
        docker.pause(made)
    redeployed()
    assert docker.inspect_container("web")["State"]["Status"] == state


def test_aliases_and_addresses_are_kept(docker, make_container, app):
    ipam = docker_ipam("10.77.0.0/24")
    docker.create_network("front", ipam=ipam)
    made = make_container("web", image=app, start=False)
    docker.connect_container_to_network(made, "front", aliases=["shop"], ipv4_address="10.77.0.9")
    docker.start(made)
    redeployed()
    front = docker.inspect_container("web")["NetworkSettings"]["Networks"]["front"]
    assert front["IPAMConfig"]["IPv4Address"] == "10.77.0.9"
    assert "shop" in front["Aliases"]
    assert made[:12] not in front["Aliases"]


def docker_ipam(subnet: str):
    from docker import types

    return types.IPAMConfig(pool_configs=[types.IPAMPool(subnet=subnet)])


def test_those_that_use_its_network_are_made_again(docker, make_container, app):
    make_container("web", image=app)
    make_container("probe", host={"network_mode": "container:web"})
    redeployed()
    web = docker.inspect_container("web")["Id"]
    probe = docker.inspect_container("probe")
    assert probe["HostConfig"]["NetworkMode"] == f"container:{web}"
    assert probe["State"]["Running"]
    assert hosts(docker).keys() == {"web", "probe"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (['CMD ["sh", "-c", "echo no config; exit 3"]'], "exit code 3"),
        (['CMD ["/no/such/program"]'], "no such file"),
        (
            [
                'CMD ["/bin/idle"]',
                "HEALTHCHECK --interval=200ms --timeout=1s --retries=1 CMD false",
            ],
            "unhealthy",
        ),
    ],
    ids=["ends", "cannot start", "unhealthy"],
)
def test_where_the_new_one_is_not_up_the_old_one_comes_back(
    docker, make_container, published, changes, words
):
    reference = published(OLD)
    docker.pull(reference)
    make_container("web", image=reference, host={"port_bindings": {80: 8080}}, ports=[80])
    make_container("probe", host={"network_mode": "container:web"})
    published(changes)
    before = hosts(docker)
    job = redeployed(status=Status.FAILED)
    assert words in job.error
    assert hosts(docker) == before
    assert docker.inspect_container("web")["HostConfig"]["PortBindings"]


def test_where_pulling_fails_nothing_is_touched(docker, make_container, app, registry):
    make_container("web", image=app)
    before = hosts(docker)
    started = docker.inspect_container("web")["State"]["StartedAt"]
    registry.stop()
    job = redeployed(status=Status.FAILED)
    assert job.error
    assert hosts(docker) == before
    assert docker.inspect_container("web")["State"]["StartedAt"] == started


def test_one_that_removes_itself_is_made_again(docker, make_container, app):
    make_container("web", image=app, host={"auto_remove": True}, volumes=["/data"])
    (mount,) = docker.inspect_container("web")["Mounts"]
    redeployed()
    inspect = docker.inspect_container("web")
    assert inspect["HostConfig"]["AutoRemove"]
    assert inspect["Mounts"][0]["Name"] == mount["Name"]


def test_one_that_was_made_again_meanwhile_is_found_by_its_name(docker, make_container, app):
    old = make_container("web", image=app)
    first = enqueue(Kind.REDEPLOY, "web", {"container": old, "name": "web", "pull": True})
    second = enqueue(Kind.REDEPLOY, "web", {"container": old, "name": "web", "pull": True})
    assert run_next()
    assert run_next()
    for job in (first, second):
        job.refresh_from_db()
        assert job.status == Status.COMPLETE, job.error


def test_one_that_waits_can_be_cancelled(docker, make_container, app):
    make_container("web", image=app)
    before = hosts(docker)
    job = enqueue(Kind.REDEPLOY, "web", {"container": "web", "name": "web", "pull": True})
    cancel(job.progress_id)
    assert not run_next()
    assert hosts(docker) == before


# The faces


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

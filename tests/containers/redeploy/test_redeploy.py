"""A container made again from its image: what stays, what the newer image brings."""

import os

import pytest
from docker import types

from accounts.models import AuditEntry
from engine import engine as the_engine
from engine.pulls import pull_image
from images.registries.services import SignIn, add_registry
from jobs.models import Kind, Status
from jobs.services import enqueue
from jobs.worker import run_next
from tests.arrange import run_in
from tests.containers.redeploy.conftest import NEW, OLD, redeployed

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_everything_that_the_old_image_gave_is_the_new_ones(docker, make_container, published):
    reference = published([*OLD, "USER 1000", "EXPOSE 81", "VOLUME /old", "LABEL old=yes"])
    docker.pull(reference)
    made = make_container("web", image=reference, labels={"mine": "yes"}, user="7")
    volume = docker.inspect_container(made)["Mounts"][0]["Name"]
    published([*NEW, "EXPOSE 82", "VOLUME /new"])
    redeployed()
    inspect = docker.inspect_container("web")
    config = inspect["Config"]
    assert config["User"] == "7"
    assert config["Labels"] == {"version": "2", "mine": "yes"}
    assert set(config["ExposedPorts"]) == {"82/tcp"}
    mounts = {mount["Destination"]: mount["Name"] for mount in inspect["Mounts"]}
    assert mounts["/old"] == volume
    assert set(mounts) == {"/old", "/new"}


def health_of(docker, name: str):
    return docker.inspect_container(name)["Config"].get("Healthcheck")


def test_the_healthcheck_is_the_new_images_where_it_was_the_old_ones(
    docker, make_container, published
):
    check = "HEALTHCHECK --interval=200ms --timeout=2s --retries=5 CMD {}"
    reference = published([*OLD, check.format("/bin/true")])
    docker.pull(reference)
    make_container("web", image=reference)
    own = {"test": ["CMD", "/bin/true", "mine"], "interval": 200_000_000}
    make_container("own", image=reference, healthcheck=own)
    published([*NEW, check.format("/bin/true new")])
    redeployed("web")
    redeployed("own", pull=False)
    assert health_of(docker, "web")["Test"] == ["CMD-SHELL", "/bin/true new"]
    assert health_of(docker, "own")["Test"] == ["CMD", "/bin/true", "mine"]
    assert docker.inspect_container("web")["State"]["Health"]["Status"] == "healthy"


def test_data_that_was_written_is_there_again(docker, make_container, app):
    made = make_container("web", image=app, volumes=["/data"], host={"binds": ["named:/named"]})
    run_in(docker, made, "sh", "-c", "echo one > /data/file; echo two > /named/file")
    redeployed()
    assert run_in(docker, "web", "cat", "/data/file", "/named/file") == "one\ntwo\n"


def test_the_old_image_stays_without_a_name(docker, make_container, app):
    old = docker.inspect_image(app)["Id"]
    make_container("web", image=app)
    job = redeployed()
    assert docker.inspect_image(old)["Id"] == old
    assert docker.inspect_image(app)["Id"] != old
    assert docker.inspect_container("web")["Config"]["Image"] == app
    assert "is still on the host, without a name." in " ".join(job.result["report"])


def test_a_newer_image_that_is_here_already_is_taken_without_pulling(docker, make_container, app):
    make_container("web", image=app)
    docker.pull(app)
    job = redeployed(pull=False)
    assert "VERSION=2" in docker.inspect_container("web")["Config"]["Env"]
    assert "It runs from a newer image." in job.result["report"]


def test_nothing_else_is_different(docker, make_container, app):
    docker.create_network("front")
    make_container(
        "web",
        image=app,
        ports=[80, (53, "udp")],
        hostname="chosen",
        stop_signal="SIGINT",
        networking={"front": docker.create_endpoint_config(aliases=["shop"])},
        host={
            "port_bindings": {80: ("127.0.0.1", 8080), "53/udp": 5353},
            "cap_add": ["NET_ADMIN"],
            "extra_hosts": {"one": "10.0.0.1"},
            "mem_limit": "64m",
            "tmpfs": {"/run": "size=1m"},
            "restart_policy": {"Name": "on-failure", "MaximumRetryCount": 4},
            "network_mode": "front",
            "init": True,
            "read_only": True,
            "log_config": {"Type": "json-file", "Config": {"max-size": "1m"}},
        },
    )
    before = docker.inspect_container("web")
    job = redeployed()
    after = docker.inspect_container("web")
    assert after["HostConfig"] == before["HostConfig"]
    assert after["NetworkSettings"]["Ports"] == before["NetworkSettings"]["Ports"]
    assert after["Config"]["Hostname"] == "chosen"
    assert after["Config"]["StopSignal"] == "SIGINT"
    report = job.result["report"]
    assert [line for line in report if "image" not in line] == []


def test_the_docker_hosts_own_name_is_not_made_the_containers(docker, make_container, app):
    make_container("web", image=app, host={"network_mode": "host"})
    name = docker.inspect_container("web")["Config"]["Hostname"]
    job = redeployed()
    assert docker.inspect_container("web")["Config"]["Hostname"] == name
    assert not [line for line in job.result["report"] if "Hostname" in line]


def test_a_chosen_hardware_address_is_kept_and_a_generated_one_is_not(docker, make_container, app):
    docker.create_network("front")
    for name, address in (("one", "02:42:ac:11:00:aa"), ("two", None)):
        make_container(
            name,
            image=app,
            mac_address=address,
            host={"network_mode": "front"},
        )
        redeployed(name, pull=False)
    one, two = (docker.inspect_container(name)["Config"] for name in ("one", "two"))
    assert one["MacAddress"] == "02:42:ac:11:00:aa"
    assert not two.get("MacAddress")


def test_several_networks_are_all_kept(docker, make_container, app):
    for name in ("front", "back"):
        docker.create_network(name)
    made = make_container("web", image=app, host={"network_mode": "front"})
    docker.connect_container_to_network(made, "back", aliases=["inner"])
    redeployed()
    networks = docker.inspect_container("web")["NetworkSettings"]["Networks"]
    assert set(networks) == {"front", "back"}
    assert "inner" in networks["back"]["Aliases"]


def test_a_label_of_compose_stays(docker, make_container, app):
    labels = {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"}
    make_container("web", image=app, labels=labels)
    redeployed()
    assert labels.items() <= docker.inspect_container("web")["Config"]["Labels"].items()


def test_it_is_written_into_the_audit_trail(docker, make_container, app):
    make_container("web", image=app)
    redeployed()
    assert set(AuditEntry.objects.values_list("action", "target", "result")) == {
        ("redeploy.request", "web", "done"),
        ("redeploy", "web", "done"),
    }


def test_a_registry_tells_how_far_it_is(docker, make_container, app, published):
    make_container("web", image=app)
    published(NEW, {"large": os.urandom(8 << 20)})
    job = redeployed()
    assert job.bytes_total > 8 << 20
    assert job.bytes_done == job.bytes_total


def test_a_pull_counts_its_bytes_as_they_come(published):
    reference = published(NEW, {"large": os.urandom(32 << 20)})
    seen: list[tuple[int, int | None]] = []
    with the_engine() as client:
        pull_image(client, reference, on_progress=lambda *figures: seen.append(figures))
    done, total = seen[-1]
    assert done == total
    assert total > 32 << 20
    assert any(0 < done < 32 << 20 for done, _ in seen)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_the_sign_in_to_its_registry_goes_along(docker, make_container, app, registry):
    make_container("web", image=app)
    registry.require("otto", "secret")
    assert "let us not have it" in redeployed(status="failed").error
    add_registry(SignIn("127.0.0.1:5000", "otto", "secret"))
    redeployed()
    assert docker.inspect_container("web")["Config"]["Labels"]["version"] == "2"

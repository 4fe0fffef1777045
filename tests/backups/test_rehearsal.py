"""A backup is tried out: it comes up beside the world, and nothing of it stays."""

import os
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups import rehearsal
from backups.models import Backup
from backups.rehearsal import Rehearsal, request_rehearsal
from containermonkey.problems import Problem
from jobs.models import Job, Status
from tests.arrange import JOB_LABEL, ContainerMaker, run_in
from tests.backups.steps import backed_up, failed, finished, state_of_host, tree_of, volume_path
from tests.images import BUSYBOX
from tests.waiting import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]

FOREVER = ["sleep", "1000"]
HEALTHY = {"test": ["CMD", "true"], "interval": 200_000_000, "retries": 2}
ILL = {"test": ["CMD", "false"], "interval": 200_000_000, "retries": 2}


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
    monkeypatch.setattr(rehearsal, "STAY_UP_SECONDS", 1.5)


@pytest.fixture
def app(docker: APIClient, make_container: ContainerMaker) -> str:
    """A running container with a volume that has something in it."""
    made = make_container("app", command=FOREVER, host={"binds": ["app-data:/data"], "init": True})
    files = "echo saved > file; ln file again; ln -s /nowhere link; mkdir -m 1777 d"
    run_in(docker, made, "sh", "-ec", f"cd /data; {files}")
    return made


def rehearsed(backup: Backup) -> Job:
    job = finished(request_rehearsal(backup.filename))
    assert job.status == Status.COMPLETE, job.error
    backup.refresh_from_db()
    return job


def seen_in_rehearsal(
    docker: APIClient, monkeypatch: pytest.MonkeyPatch, look: Any = None
) -> dict[str, Any]:
    """What the Engine says of the container, and what `look` finds, when it has come up."""
    seen: dict[str, Any] = {}
    original = Rehearsal.told

    def told(self: Rehearsal, proof: str) -> dict[str, Any]:
        seen["inspect"] = docker.inspect_container(self.plan.name)
        seen["found"] = look(self.plan.name) if look else None
        return original(self, proof)

    monkeypatch.setattr(Rehearsal, "told", told)
    return seen


def test_a_container_that_stays_up_is_proof(docker: APIClient, app: str) -> None:
    backup = backed_up("app")
    before = state_of_host(docker)
    job = rehearsed(backup)
    assert backup.proved_at is not None
    assert backup.proof.startswith("It stayed up for ")
    assert backup.rehearsal_problem == ""
    assert backup.verified_at > backup.created
    assert backup.proof in job.result["report"]
    assert state_of_host(docker) == before
    assert job.undo == []


def test_one_with_a_healthcheck_has_to_become_healthy(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("good", command=FOREVER, healthcheck=HEALTHY)
    good = backed_up("good")
    rehearsed(good)
    assert good.proof.startswith("It was healthy after ")
    make_container("ill", command=FOREVER, healthcheck=ILL)
    ill = backed_up("ill")
    before = state_of_host(docker)
    job = failed(request_rehearsal(ill.filename))
    ill.refresh_from_db()
    assert "is unhealthy" in job.error
    assert ill.rehearsal_problem == job.error
    assert (ill.proved_at, ill.verified) == (None, True)
    assert state_of_host(docker) == before


def test_one_that_ran_and_now_ends_is_no_proof(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("app", command=["sh", "-c", "test -e /ran || exec sleep 1000"], start=False)
    docker.start("app")
    backup = backed_up("app")
    rehearsed(backup)
    assert backup.proof
    make_container("job", command=["true"])
    docker.wait("job")
    backup = backed_up("job")
    rehearsed(backup)
    assert backup.proof == "It did its work and ended with exit code 0."


def test_a_failure_is_forgotten_after_a_success_and_the_proof_outlives_a_failure(
    app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = backed_up("app")
    rehearsed(backup)
    proved_at = backup.proved_at
    plan = rehearsal.make_plan

    def with_a_broken_command(*arguments: Any) -> Any:
        made = plan(*arguments)
        made.body["Cmd"] = ["false"]
        return made

    with monkeypatch.context() as patch:
        patch.setattr(rehearsal, "make_plan", with_a_broken_command)
        failed(request_rehearsal(backup.filename))
    backup.refresh_from_db()
    assert "exit code 1" in backup.rehearsal_problem
    assert backup.proved_at == proved_at
    rehearsed(backup)
    assert backup.rehearsal_problem == ""
    assert backup.proved_at > proved_at


def test_it_has_the_saved_data_and_the_present_data_stays(
    docker: APIClient, app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = tree_of(volume_path(docker, "app-data"))
    backup = backed_up("app")
    run_in(docker, app, "sh", "-c", "echo present > /data/file; touch /data/since")
    present = tree_of(volume_path(docker, "app-data"))

    def look(name: str) -> Any:
        (mount,) = docker.inspect_container(name)["Mounts"]
        return mount["Name"], mount["Destination"], tree_of(Path(mount["Source"]))

    seen = seen_in_rehearsal(docker, monkeypatch, look)
    rehearsed(backup)
    volume, destination, tree = seen["found"]
    assert volume != "app-data"
    assert destination == "/data"
    assert tree == saved
    assert tree_of(volume_path(docker, "app-data")) == present


def test_what_was_filled_in_wrongly_is_no_proof(
    docker: APIClient, app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = backed_up("app")
    original = Rehearsal.compare_content

    def compare(self: Rehearsal) -> None:
        path = volume_path(docker, self.volumes[0].name)
        (path / "file").chmod(0o600)
        original(self)

    monkeypatch.setattr(Rehearsal, "compare_content", compare)
    assert "is not what the backup holds" in failed(request_rehearsal(backup.filename)).error
    backup.refresh_from_db()
    assert backup.proved_at is None


def test_nothing_of_the_host_reaches_it(
    docker: APIClient,
    make_container: ContainerMaker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_text("the host's own")
    make_container(
        "app",
        command=FOREVER,
        start=False,
        labels={"com.docker.compose.project": "shop"},
        ports=[80],
        host={
            "binds": [f"{folder}:/folder", "/var/run/docker.sock:/docker.sock", "/etc:/host-etc"],
            "privileged": True,
            "pid_mode": "host",
            "ipc_mode": "host",
            "devices": ["/dev/null:/dev/x"],
            "cap_add": ["SYS_TIME", "NET_ADMIN"],
            "security_opt": ["seccomp=unconfined", "no-new-privileges"],
            "restart_policy": {"Name": "always"},
            "port_bindings": {80: 8080},
            "mem_limit": 64 << 20,
            "init": True,
        },
    )
    backup = backed_up("app", include_bind_mounts=True)
    seen = seen_in_rehearsal(docker, monkeypatch)
    job = rehearsed(backup)
    inspect = seen["inspect"]
    host = inspect["HostConfig"]
    assert [(m["Type"], m["Destination"]) for m in inspect["Mounts"]] == [("volume", "/folder")]
    assert not host["Privileged"]
    assert (host["PidMode"], host["Devices"], host["Binds"]) == ("", None, None)
    assert host["IpcMode"] == "private"
    assert host["CapAdd"] == ["NET_ADMIN"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert host["RestartPolicy"]["Name"] == "no"
    assert not host["PortBindings"]
    assert host["Memory"] == 64 << 20
    assert list(inspect["Config"]["Labels"]) == [JOB_LABEL]
    report = " ".join(job.result["report"])
    for words in ("It is privileged", "processes, memory", "SYS_TIME", "not published"):
        assert words in report
    for destination in ("/docker.sock", "/host-etc"):
        assert f"Nothing is mounted at {destination}" in report
    assert (folder / "file").read_text() == "the host's own"


def test_a_single_file_is_put_into_it(
    docker: APIClient,
    make_container: ContainerMaker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "app.conf"
    file.write_text("saved")
    make_container(
        "app",
        command=["sh", "-c", "cat /etc/app/app.conf && exec sleep 1000"],
        host={"binds": [f"{file}:/etc/app/app.conf:ro"], "read_only": True, "init": True},
    )
    backup = backed_up("app", include_bind_mounts=True)
    file.write_text("present")
    seen = seen_in_rehearsal(
        docker, monkeypatch, lambda name: run_in(docker, name, "cat", "/etc/app/app.conf")
    )
    rehearsed(backup)
    assert seen["found"] == "saved"
    assert file.read_text() == "present"


def test_a_single_file_with_holes_is_put_into_it_too(
    docker: APIClient,
    make_container: ContainerMaker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "app.db"
    file.write_bytes(b"begin")
    os.truncate(file, 4 << 20)
    host = {"binds": [f"{file}:/app.db"], "init": True}
    make_container("app", command=FOREVER, host=host)
    backup = backed_up("app", include_bind_mounts=True)
    look = ("sh", "-c", "head -c 5 /app.db; wc -c < /app.db")
    seen = seen_in_rehearsal(docker, monkeypatch, lambda name: run_in(docker, name, *look))
    rehearsed(backup)
    assert seen["found"].strip() == f"begin{4 << 20}"


@pytest.mark.parametrize("mode", ["bridge", "host", "front", "container:other", "none"])
def test_it_is_alone_on_a_network_without_a_way_out(
    docker: APIClient, make_container: ContainerMaker, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker.create_network("front")
    for name in ("other", "neighbour"):
        make_container(name, command=FOREVER, host={"init": True})
    make_container("app", command=FOREVER, host={"network_mode": mode, "init": True})
    backup = backed_up("app")
    before = state_of_host(docker)

    def look(name: str) -> Any:
        networks = docker.inspect_container(name)["NetworkSettings"]["Networks"]
        own = [docker.inspect_network(n["NetworkID"]) for n in networks.values()]
        return list(networks), own, [answers(docker, name, place) for place in outside]

    outside = addresses_on(docker, "bridge", "other")
    for place in outside:
        wait_for(lambda at=place: answers(docker, "neighbour", at), f"{place} to answer")
    seen = seen_in_rehearsal(docker, monkeypatch, look)
    rehearsed(backup)
    names, (network,), reached = seen["found"]
    assert not any(reached)
    if mode == "none":
        assert names == ["none"]
    else:
        assert network["Internal"]
        assert JOB_LABEL in network["Labels"]
    assert state_of_host(docker) == before


def addresses_on(docker: APIClient, network: str, container: str) -> list[str]:
    """The addresses of the host and of a container on a network."""
    endpoint = docker.inspect_container(container)["NetworkSettings"]["Networks"][network]
    return [endpoint["Gateway"], endpoint["IPAddress"]]


def answers(docker: APIClient, container: str, address: str) -> bool:
    """Whether an address answers to a container."""
    call = docker.exec_create(container, ["ping", "-c", "1", "-W", "1", address])
    docker.exec_start(call["Id"])
    return docker.exec_inspect(call["Id"])["ExitCode"] == 0


def test_it_finds_itself_by_its_names_and_the_host_not_at_all(
    docker: APIClient, make_container: ContainerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker.create_network("front")
    aliases = docker.create_endpoint_config(aliases=["db", "database"])
    make_container("app", command=FOREVER, host={"init": True}, networking={"front": aliases})
    backup = backed_up("app")

    def look(name: str) -> Any:
        inspect = docker.inspect_container(name)
        (endpoint,) = inspect["NetworkSettings"]["Networks"].values()
        network = docker.inspect_network(endpoint["NetworkID"])
        gateway = network["IPAM"]["Config"][0]["Gateway"].partition("/")[0]
        names = [run_in(docker, name, "ping", "-c", "1", n) for n in ("app", "db", "database")]
        return endpoint["IPAddress"], names, answers(docker, name, gateway)

    seen = seen_in_rehearsal(docker, monkeypatch, look)
    rehearsed(backup)
    address, found, host_is_there = seen["found"]
    assert all(address in words for words in found)
    assert not host_is_there


def test_the_image_comes_from_the_archive_and_goes_again(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    docker.tag(BUSYBOX, "local/app", "1")
    docker.commit(make_container("base", command=FOREVER), "local/app", "1")
    make_container("app", image="local/app:1", command=FOREVER, host={"init": True})
    backup = backed_up("app", include_image=True)
    for name in ("app", "base"):
        docker.remove_container(name, force=True)
    docker.remove_image("local/app:1")
    images = {image["Id"] for image in docker.images()}
    rehearsed(backup)
    assert {image["Id"] for image in docker.images()} == images


def test_an_image_that_is_nowhere_is_said_so_and_not_pulled(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    docker.commit(make_container("base", command=FOREVER), "local/app", "1")
    make_container("app", image="local/app:1", command=FOREVER)
    backup = backed_up("app")
    for name in ("app", "base"):
        docker.remove_container(name, force=True)
    docker.remove_image("local/app:1")
    with pytest.raises(Problem, match="pulls nothing"):
        request_rehearsal(backup.filename)
    assert not Job.objects.filter(kind="rehearsal").exists()


def test_volumes_that_the_image_declares_go_with_it(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    base = make_container("base", command=FOREVER)
    docker.commit(base, "local/app", "1", changes=["VOLUME /declared"])
    make_container("app", image="local/app:1", command=FOREVER, host={"init": True})
    backup = backed_up("app")
    before = state_of_host(docker)
    rehearsed(backup)
    assert state_of_host(docker) == before


def test_a_damaged_archive_is_not_brought_up(docker: APIClient, app: str, data_dir: Path) -> None:
    backup = backed_up("app")
    path = data_dir / "backups" / backup.filename
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    job = request_rehearsal(backup.filename)
    path.write_bytes(content)
    failed(job)
    backup.refresh_from_db()
    assert not backup.verified
    assert backup.problem
    assert (backup.proved_at, backup.rehearsal_problem) == (None, "")

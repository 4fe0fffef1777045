"""The private Engine itself: apart from everything else, and gone without a trace."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from docker import APIClient
from requests.exceptions import ConnectionError as EngineGone
from requests.exceptions import ReadTimeout

from engine.helpers import EMPTY_IMAGE
from tests import arrange, images, processes
from tests.house import SCRATCH
from tests.private_engine import EngineFailed, PrivateEngine, collect_leftovers
from tests.scratch import ROOT_VARIABLE, Scratch
from tests.site import ROOT
from tests.waiting import wait_for


@pytest.fixture
def own_engine():
    """An Engine that is this test's alone, beside the one of the whole run."""
    scratch = Scratch()
    engine = PrivateEngine(scratch.path / "engine")
    yield engine.start()
    engine.stop()
    scratch.remove()


def mounts_under(directory: Path) -> list[str]:
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line for line in lines if str(directory) in line]


def test_two_engines_run_beside_each_other(engine, docker, own_engine, make_container):
    make_container("only-here")
    with own_engine.client() as other:
        assert other.containers(all=True) == []
    assert [c["Names"] for c in docker.containers()] == [["/only-here"]]


def test_stop_leaves_no_process_mount_cgroup_or_file(own_engine):
    with own_engine.client() as docker:
        images.ensure_busybox(docker)
        arrange.ContainerMaker(docker)("running")
    found, groups = own_engine.processes(), own_engine.cgroups()
    assert len(found) >= 4  # dockerd, containerd, a shim and the container
    assert any(group.glob("*/") for group in groups)

    own_engine.stop()

    assert not [pid for pid in found if processes.alive(pid)]
    assert not [group for group in groups if group.exists()]
    assert mounts_under(own_engine.directory) == []
    assert not own_engine.directory.exists()
    own_engine.stop()


def test_killed_engine_keeps_its_data(own_engine):
    with own_engine.client() as docker:
        images.ensure_busybox(docker)
        arrange.ContainerMaker(docker)("survivor")
        docker.create_volume("kept")

    own_engine.kill()

    with own_engine.client() as docker, pytest.raises(EngineGone):
        docker.ping()
    assert not own_engine.running
    own_engine.start()
    with own_engine.client() as docker:
        assert docker.inspect_container("survivor")["State"]["Running"] is False
        assert docker.inspect_volume("kept")


def test_restart_stops_containers_in_order(own_engine):
    with own_engine.client() as docker:
        images.ensure_busybox(docker)
        polite = ["sh", "-c", "trap 'exit 0' TERM; echo ready; while :; do sleep 0.2; done"]
        asked = arrange.ContainerMaker(docker)("asked", command=polite)
        wait_for(lambda: docker.logs(asked), "it to listen")
    own_engine.restart()
    with own_engine.client() as docker:
        assert docker.inspect_container("asked")["State"]["ExitCode"] == 0


def test_paused_engine_does_not_answer_until_it_goes_on(engine):
    with APIClient(base_url=engine.docker_host, version="1.41", timeout=0.5) as docker:
        engine.pause()
        with pytest.raises(ReadTimeout):
            docker.ping()
        engine.unpause()
    with engine.client() as docker:  # which is given time: how soon it goes on is not promised
        assert docker.ping()


def test_containers_can_be_reached_from_inside(engine, docker, make_container, busybox):
    web = make_container(command=["httpd", "-f", "-p", "80", "-h", "/etc"])
    address = docker.inspect_container(web)["NetworkSettings"]["Networks"]["bridge"]["IPAddress"]
    url = f"http://{address}/group"
    answer = wait_for(lambda: fetched(engine, url), "the container's web server")
    assert "guest" in answer


def fetched(engine: PrivateEngine, url: str) -> str:
    try:
        return engine.run_inside("busybox", "wget", "-q", "-O", "-", url)
    except subprocess.CalledProcessError:
        return ""


def test_engine_dies_with_a_test_run_that_is_killed():
    """Also its directory and control groups go, when the next run begins."""
    root = Scratch()
    program = (
        "import sys; from tests.scratch import Scratch;"
        "from tests.private_engine import PrivateEngine;"
        "engine = PrivateEngine(Scratch().path / 'engine').start();"
        "sys.stdout.write(f'{engine.directory}\\n'); sys.stdout.flush(); sys.stdin.read()"
    )
    environment = {**os.environ, ROOT_VARIABLE: str(root.path)}
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        engine = PrivateEngine(Path(run.stdout.readline().strip()), detached=True)
        found = engine.processes()
        assert engine.running
        assert len(found) >= 2
        collect(root)
        assert engine.directory.exists(), "a living run was taken for a dead one"
        run.send_signal(signal.SIGKILL)
    wait_for(lambda: not any(processes.alive(pid) for pid in found), "the Engine to die")
    groups = engine.cgroups()

    collect(root)

    assert not engine.directory.parent.exists()
    assert not [group for group in groups if group.exists()]
    root.remove()


def collect(root: Scratch) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ROOT_VARIABLE, str(root.path))
        collect_leftovers()


def test_missing_dockerd_is_named_with_the_package(monkeypatch):
    monkeypatch.setattr("tests.private_engine.shutil.which", lambda *_, **__: None)
    with pytest.raises(EngineFailed, match=r"docker\.io"):
        PrivateEngine(SCRATCH.path / "broken").start()


def test_engine_that_ends_at_once_shows_its_log(monkeypatch):
    monkeypatch.setattr("tests.private_engine.shutil.which", lambda *_, **__: "/bin/false")
    with pytest.raises(EngineFailed, match="ended at once"):
        PrivateEngine(SCRATCH.path / "broken").start()


def test_chroot_is_refused(tmp_path):
    """There `docker exec` would end up in the machine's own files."""
    program = "from tests.private_engine import in_chroot; import sys; sys.exit(in_chroot())"
    script = (
        'mount --rbind / "$0" && cd "$0" && exec chroot . sh -c "cd \'$1\' && exec $2 -c \'$3\'"'
    )
    command = ["sh", "-c", script, str(tmp_path), str(ROOT), sys.executable, program]
    assert subprocess.run(["unshare", "--mount", *command]).returncode == 1
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT).returncode == 0


def test_tests_without_an_engine_reach_none(settings):
    assert "no-engine.sock" in settings.DOCKER_HOST
    assert os.environ["DOCKER_HOST"] == settings.DOCKER_HOST


def test_every_test_starts_on_an_empty_engine(engine, docker, make_container):
    make_container("left", volumes=["/anonymous"])
    docker.create_network("left")
    images.build(docker, "left:behind", ["ENV A=b"])

    arrange.clear(docker)

    assert docker.containers(all=True) == []
    assert docker.volumes()["Volumes"] in (None, [])
    assert {n["Name"] for n in docker.networks()} == arrange.BUILT_IN_NETWORKS
    left = {tag for image in docker.images() for tag in image["RepoTags"]}
    assert images.BUSYBOX in left
    assert left <= {images.BUSYBOX, EMPTY_IMAGE}


def test_what_jobs_left_is_found(docker, make_container):
    make_container("helper", labels={arrange.JOB_LABEL: "7"})
    docker.create_volume("stage", labels={arrange.JOB_LABEL: "7"})
    assert arrange.left_by_jobs(docker) == ["helper", "stage"]
    assert arrange.clear(docker, patience=0) == ["helper", "stage"]

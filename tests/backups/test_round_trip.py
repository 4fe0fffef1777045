"""The main job: a container goes in, the same container comes out."""

import tarfile
from typing import Any

import pytest
from docker import APIClient

from tests.arrange import ContainerMaker, run_in
from tests.backups.steps import backed_up, restored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]


@pytest.fixture
def web(make_container: ContainerMaker, docker: APIClient) -> str:
    docker.create_network("front", labels={"tier": "web"})
    docker.create_volume("web-data", labels={"keep": "yes"})
    container = make_container(
        "web",
        command=["sleep", "1000"],
        host={
            "init": True,
            "binds": ["web-data:/data"],
            "port_bindings": {"80/tcp": ("127.0.0.1", 8099)},
        },
        networking={"front": docker.create_endpoint_config(aliases=["www"])},
        environment={"GREETING": 'it\'s "quoted" $HOME'},
        ports=[80],
        labels={"app": "web"},
    )
    run_in(
        docker,
        container,
        "sh",
        "-c",
        "echo precious > /data/file; chown 7:8 /data; chmod 751 /data",
    )
    return container


def test_a_deleted_container_comes_back_with_its_data(web: str, docker: APIClient) -> None:
    before = docker.inspect_container(web)
    backup = backed_up("web", consistency="stop")
    docker.remove_container("web", force=True, v=True)
    docker.remove_volume("web-data")
    docker.remove_network("front")

    job = restored(backup)

    after = docker.inspect_container("web")
    assert job.result["report"] == []
    assert after["State"]["Running"]
    assert after["Config"]["Env"] == before["Config"]["Env"]
    assert after["HostConfig"] == before["HostConfig"]
    assert "www" in after["NetworkSettings"]["Networks"]["front"]["Aliases"]
    assert run_in(docker, "web", "cat", "/data/file") == "precious\n"
    assert run_in(docker, "web", "stat", "-c", "%u:%g %a", "/data") == "7:8 751\n"
    assert docker.inspect_volume("web-data")["Labels"] == {"keep": "yes"}
    assert docker.inspect_network("front")["Labels"] == {"tier": "web"}


def test_an_archive_is_a_plain_tar(web: str, data_dir: Any) -> None:
    backup = backed_up("web")
    with tarfile.open(data_dir / "backups" / backup.filename) as tar:
        names = tar.getnames()
    assert names[0] == "backup/manifest.json"
    assert any(name.endswith("/file") and name.startswith("volumes/web-data") for name in names)

"""What a restore does with what is there already."""

import pytest
from docker import APIClient

from backups.errors import RestoreConflict
from backups.options import RestoreOptions
from backups.preview import container_preview
from backups.services import plan_restore, request_restore
from jobs.models import Job
from tests.arrange import ContainerMaker, run_in
from tests.backups.steps import backed_up, kinds, restored, state_of_host, tree_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

FOREVER = ["sleep", "1000"]


def test_without_answers_everything_in_the_way_is_named_and_nothing_changed(
    app: str, docker: APIClient
) -> None:
    backup = backed_up("app")
    before = state_of_host(docker)
    with pytest.raises(RestoreConflict) as refusal:
        request_restore(backup.filename, RestoreOptions())
    assert refusal.value.status == 409
    named = {(item["kind"], item["answer"]) for item in refusal.value.details["conflicts"]}
    assert named == {("name", "on_conflict"), ("volume", "overwrite_volumes")}
    assert not Job.objects.filter(kind="restore").exists()
    assert state_of_host(docker) == before


def test_rename_makes_a_copy_with_its_own_volume_beside_the_original(
    app: str, docker: APIClient
) -> None:
    backup = backed_up("app")
    job = restored(backup, on_conflict="rename")
    assert job.result["container_name"] == "app-restored"
    run_in(docker, "app-restored", "sh", "-c", "echo copy > /data/sub/file")
    assert run_in(docker, "app", "cat", "/data/sub/file") == "old\n"
    assert docker.inspect_volume("app-data-restored")["Labels"] == {"keep": "yes"}
    assert docker.inspect_container("app")["Id"] == app
    assert restored(backup, on_conflict="rename").result["container_name"] == "app-restored-2"


def test_a_new_name_is_taken(app: str, docker: APIClient) -> None:
    backup = backed_up("app")
    restored(backup, new_name="other", overwrite_volumes=False, start=False)
    assert docker.inspect_container("other")["State"]["Status"] == "created"
    assert docker.inspect_container("app")["State"]["Running"]


@pytest.mark.parametrize("running", [True, False])
def test_the_state_it_had_comes_back(app: str, docker: APIClient, running: bool) -> None:
    if not running:
        docker.stop(app, timeout=0)
    backup = backed_up("app")
    docker.remove_container(app, force=True)
    restored(backup, overwrite_volumes=True)
    assert docker.inspect_container("app")["State"]["Running"] is running


def test_a_paused_container_comes_back_paused(app: str, docker: APIClient) -> None:
    docker.pause(app)
    backup = backed_up("app")
    docker.unpause(app)
    docker.remove_container(app, force=True)
    restored(backup, overwrite_volumes=True)
    assert docker.inspect_container("app")["State"]["Paused"]


def test_start_says_otherwise(app: str, docker: APIClient) -> None:
    backup = backed_up("app")
    docker.remove_container(app, force=True)
    restored(backup, overwrite_volumes=True, start=False)
    assert not docker.inspect_container("app")["State"]["Running"]


def test_a_taken_port_is_found_beforehand_and_can_be_overridden(
    make_container: ContainerMaker, docker: APIClient
) -> None:
    ports = {"ports": [80], "host": {"port_bindings": {80: 8100}, "init": True}}
    make_container("first", command=FOREVER, **ports)
    backup = backed_up("first")
    docker.remove_container("first", force=True)
    make_container("holder", command=FOREVER, **ports)
    assert kinds(RestoreOptions(), backup.filename) == {("port", "80/tcp")}
    assert kinds(RestoreOptions(start=False), backup.filename) == set()
    restored(backup, port_overrides={"80/tcp": 8101})
    bindings = docker.inspect_container("first")["HostConfig"]["PortBindings"]
    assert bindings["80/tcp"][0]["HostPort"] == "8101"


def test_a_taken_address_and_a_network_with_another_subnet_are_found_beforehand(
    make_container: ContainerMaker, docker: APIClient
) -> None:
    ipam = {"Driver": "default", "Config": [{"Subnet": "10.77.0.0/24"}]}
    docker.create_network("fixed", ipam=ipam)
    fixed = {"fixed": docker.create_endpoint_config(ipv4_address="10.77.0.9")}
    make_container("first", command=FOREVER, networking=fixed, host={"init": True})
    backup = backed_up("first")
    docker.remove_container("first", force=True)
    holder = make_container("holder", command=FOREVER, networking=fixed, host={"init": True})
    assert kinds(RestoreOptions(), backup.filename) == {("address", "10.77.0.9")}
    docker.remove_container(holder, force=True)
    docker.remove_network("fixed")
    docker.create_network(
        "fixed", ipam={"Driver": "default", "Config": [{"Subnet": "10.78.0.0/24"}]}
    )
    assert kinds(RestoreOptions(), backup.filename) == {("network", "fixed")}


def test_missing_networks_are_made_as_they_were(
    make_container: ContainerMaker, docker: APIClient
) -> None:
    docker.create_network(
        "inner",
        ipam={"Driver": "default", "Config": [{"Subnet": "10.79.0.0/24", "Gateway": "10.79.0.5"}]},
        options={"com.docker.network.bridge.enable_icc": "false"},
        labels={"tier": "back"},
        internal=True,
        attachable=True,
    )
    docker.create_network("outer")
    container = make_container(
        "first",
        command=FOREVER,
        networking={
            "inner": docker.create_endpoint_config(ipv4_address="10.79.0.9", aliases=["db"])
        },
        host={"init": True},
    )
    docker.connect_container_to_network(container, "outer", aliases=["out"])
    before = docker.inspect_network("inner")
    backup = backed_up("first")
    docker.remove_container(container, force=True)
    docker.remove_network("inner")
    docker.remove_network("outer")
    assert restored(backup).result["report"] == []
    after = docker.inspect_network("inner")
    for field in ("Driver", "IPAM", "Internal", "Attachable", "EnableIPv6", "Options", "Labels"):
        assert after[field] == before[field]
    networks = docker.inspect_container("first")["NetworkSettings"]["Networks"]
    assert networks["inner"]["IPAddress"] == "10.79.0.9"
    assert "db" in networks["inner"]["Aliases"]
    assert "out" in networks["outer"]["Aliases"]


def test_a_subnet_that_is_taken_is_given_up_where_no_address_depends_on_it(
    make_container: ContainerMaker, docker: APIClient
) -> None:
    ipam = {"Driver": "default", "Config": [{"Subnet": "10.80.0.0/24"}]}
    docker.create_network("mine", ipam=ipam)
    networking = {"mine": docker.create_endpoint_config()}
    make_container("first", command=FOREVER, networking=networking, host={"init": True})
    backup = backed_up("first")
    docker.remove_container("first", force=True)
    docker.remove_network("mine")
    docker.create_network("other", ipam=ipam)
    steps = plan_restore(backup.filename, RestoreOptions()).steps
    assert any("another subnet, because other has that one" in step for step in steps)
    restored(backup)
    assert docker.inspect_network("mine")["IPAM"]["Config"][0]["Subnet"] != "10.80.0.0/24"


def test_anonymous_volumes_come_back_with_their_data(
    make_container: ContainerMaker, docker: APIClient
) -> None:
    container = make_container("first", command=FOREVER, volumes=["/anon"], host={"init": True})
    run_in(docker, container, "sh", "-c", "echo precious > /anon/file")
    backup = backed_up("first")
    docker.remove_container("first", force=True, v=True)
    job = restored(backup)
    assert run_in(docker, "first", "cat", "/anon/file") == "precious\n"
    assert job.result["report"] == []
    again = container_preview(backed_up("first").filename)
    assert [source["anonymous"] for source in again.manifest["sources"]] == [True]


def test_the_image_is_loaded_from_the_archive(app: str, docker: APIClient, busybox: str) -> None:
    docker.tag(busybox, "mine", "1")
    image = docker.inspect_image("mine:1")["Id"]
    container = docker.commit(app, repository="only-here", tag="1")
    docker.remove_container(app, force=True)
    made = docker.create_container("only-here:1", FOREVER, name="app")
    backup = backed_up("app", include_image=True)
    docker.remove_container(made["Id"], force=True)
    docker.remove_image("only-here:1")
    restored(backup)
    found = docker.inspect_container("app")
    assert found["Config"]["Image"] == "only-here:1"
    assert found["Image"] == container["Id"] != image


def test_folders_of_the_host_come_back_when_they_were_asked_for(
    make_container: ContainerMaker, docker: APIClient, tmp_path
) -> None:
    folder = tmp_path / "conf"
    folder.mkdir(mode=0o750)
    (folder / "app.conf").write_text("a = 1\n")
    make_container(
        "first", command=FOREVER, host={"binds": [f"{folder}:/etc/app:ro"], "init": True}
    )
    before = tree_of(folder)
    backup = backed_up("first", include_bind_mounts=True)
    docker.remove_container("first", force=True)
    (folder / "app.conf").write_text("a = 2\n")
    (folder / "stale").touch()
    assert kinds(RestoreOptions(), backup.filename) == {("folder", str(folder))}
    restored(backup, overwrite_volumes=True)
    assert tree_of(folder) == before


def test_a_folder_that_is_gone_is_made_again(
    make_container: ContainerMaker, docker: APIClient, tmp_path
) -> None:
    folder = tmp_path / "conf"
    folder.mkdir(mode=0o750)
    (folder / "app.conf").write_text("a = 1\n")
    make_container("first", command=FOREVER, host={"binds": [f"{folder}:/app"], "init": True})
    before = tree_of(folder)
    backup = backed_up("first", include_bind_mounts=True)
    docker.remove_container("first", force=True)
    (folder / "app.conf").unlink()
    folder.rmdir()
    restored(backup)
    assert tree_of(folder) == before


def test_what_shares_the_network_of_a_replaced_container_is_wired_to_the_new_one(
    app: str, make_container: ContainerMaker, docker: APIClient
) -> None:
    make_container(
        "sidecar", command=FOREVER, host={"network_mode": f"container:{app}", "init": True}
    )
    backup = backed_up("app")
    restored(backup, on_conflict="replace", overwrite_volumes=True)
    mode = docker.inspect_container("sidecar")["HostConfig"]["NetworkMode"]
    new = docker.inspect_container("app")["Id"]
    assert mode in (f"container:{new}", "container:app")
    assert docker.inspect_container("sidecar")["State"]["Running"]


def test_a_container_in_anothers_network_finds_it_by_name(
    app: str, make_container: ContainerMaker, docker: APIClient
) -> None:
    make_container(
        "sidecar", command=FOREVER, host={"network_mode": f"container:{app}", "init": True}
    )
    backup = backed_up("sidecar")
    docker.remove_container("sidecar", force=True)
    docker.remove_container(app, force=True)
    assert kinds(RestoreOptions(), backup.filename) == {("container", "app")}
    make_container("app", command=FOREVER, host={"init": True})
    restored(backup)
    assert docker.inspect_container("sidecar")["State"]["Running"]


def test_a_container_that_removes_itself_is_replaced(
    make_container: ContainerMaker, docker: APIClient
) -> None:
    host = {"auto_remove": True, "binds": ["rm-data:/data"], "init": True}
    container = make_container("brief", command=FOREVER, host=host)
    run_in(docker, container, "sh", "-c", "echo old > /data/file")
    backup = backed_up("brief")
    run_in(docker, container, "sh", "-c", "echo new > /data/file")
    restored(backup, on_conflict="replace", overwrite_volumes=True)
    assert run_in(docker, "brief", "cat", "/data/file") == "old\n"
    assert docker.inspect_container("brief")["HostConfig"]["AutoRemove"]

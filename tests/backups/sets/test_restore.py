"""A whole set comes back in order, or everything stays as it was."""

from typing import Any

import pytest
from docker import APIClient

from backups.errors import RestoreConflict
from backups.models import Backup
from backups.restore import Restore
from backups.services import delete_backup
from backups.sets.options import SetOptions
from backups.sets.queries import BackupSet
from backups.sets.services import plan_set_restore, request_set_restore
from containermonkey.problems import Conflict, Invalid
from jobs.models import Job, Status
from jobs.worker import recover, run_next
from tests.arrange import ContainerMaker, run_in
from tests.backups.sets.shop import (
    MEMBERS,
    NETWORK,
    backed_up,
    compose,
    make_shop,
    remove_shop,
    restored,
)
from tests.backups.steps import failed, state_of_host
from tests.backups.steps import restored as one_restored
from tests.backups.test_consistency import acts_since
from tests.backups.workers import kill, worker_process
from tests.waiting import wait_for

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("engine", "data_dir"),
]


@pytest.fixture
def shop(docker: APIClient, make_container: ContainerMaker, data_dir: Any) -> BackupSet:
    """A backup of the stack, which still runs."""
    make_shop(docker, make_container)
    return backed_up(consistency="pause")


def content(docker: APIClient) -> list[str]:
    return [
        run_in(docker, "shop-db-1", "cat", "/data/table").strip(),
        run_in(docker, "shop-web-1", "cat", "/files/one").strip(),
    ]


def change_everything(docker: APIClient) -> None:
    run_in(docker, "shop-db-1", "sh", "-c", "echo new > /data/table; echo stale > /data/stale")
    run_in(docker, "shop-app-1", "sh", "-c", "echo new > /files/one")


def test_on_an_empty_host_everything_comes_back_in_order(
    docker: APIClient, shop: BackupSet
) -> None:
    remove_shop(docker)
    began = docker.info()["SystemTime"]

    job = restored(shop)

    assert [name for act, name in acts_since(docker, began) if act == "start"] == MEMBERS
    assert job.result["containers"] == MEMBERS
    assert job.result["report"] == []
    assert content(docker) == ["rows", "photo"]
    network = docker.inspect_network(NETWORK)
    assert len(network["Containers"]) == 3
    run_in(docker, "shop-web-1", "nslookup", "db")
    assert job.undo == []


def test_in_the_place_of_what_is_there_everything_is_as_in_the_set(
    docker: APIClient, shop: BackupSet
) -> None:
    change_everything(docker)
    network = docker.inspect_network(NETWORK)["Id"]
    before = {name: docker.inspect_container(name)["Id"] for name in MEMBERS}
    began = docker.info()["SystemTime"]

    restored(shop, on_conflict="replace", overwrite_volumes=True)

    assert content(docker) == ["rows", "photo"]
    assert run_in(docker, "shop-db-1", "ls", "-A", "/data").split() == ["table"]
    assert docker.inspect_network(NETWORK)["Id"] == network
    after = {name: docker.inspect_container(name)["Id"] for name in MEMBERS}
    assert not set(before.values()) & set(after.values())
    assert len(docker.containers(all=True)) == 3
    ended = [name for act, name in acts_since(docker, began) if act == "die"]
    assert ended == MEMBERS[::-1]


def test_a_shared_volume_is_filled_once(
    docker: APIClient, shop: BackupSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove_shop(docker)
    filled, original = [], Restore.transfer

    def transfer(self: Restore, volume: Any) -> None:
        filled.append(volume.name)
        original(self, volume)

    monkeypatch.setattr(Restore, "transfer", transfer)
    restored(shop)
    assert sorted(filled) == ["shop_db", "shop_files"]


def test_one_member_comes_back_alone(docker: APIClient, shop: BackupSet) -> None:
    docker.remove_container("shop-db-1", force=True)
    one_restored(Backup.objects.get(container_name="shop-db-1"), overwrite_volumes=True)
    assert content(docker) == ["rows", "photo"]


def test_a_member_that_uses_the_network_of_another_comes_back_with_it(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    vpn = make_container("shop-vpn-1", labels=compose("vpn"))
    make_container(
        "shop-client-1", labels=compose("client"), host={"network_mode": f"container:{vpn}"}
    )
    found = backed_up()
    for name in ("shop-client-1", "shop-vpn-1"):
        docker.remove_container(name, force=True)
    for _ in range(2):
        restored(found, on_conflict="replace")
        host = docker.inspect_container("shop-client-1")["HostConfig"]
        new = docker.inspect_container("shop-vpn-1")["Id"]
        assert host["NetworkMode"] in (f"container:{new}", "container:shop-vpn-1")
        addresses = [run_in(docker, f"shop-{n}-1", "ip", "addr") for n in ("vpn", "client")]
        assert addresses[0] == addresses[1]


def test_who_depends_on_a_member_is_made_again_with_it(
    docker: APIClient, make_container: ContainerMaker, shop: BackupSet
) -> None:
    database = docker.inspect_container("shop-db-1")["Id"]
    make_container("watcher", host={"network_mode": f"container:{database}"})
    restored(shop, on_conflict="replace", overwrite_volumes=False)
    watcher = docker.inspect_container("watcher")
    new = docker.inspect_container("shop-db-1")["Id"]
    assert watcher["HostConfig"]["NetworkMode"] == f"container:{new}"
    assert watcher["State"]["Running"]
    assert len(docker.containers(all=True)) == 4


# What is in the way


def test_everything_that_is_in_the_way_of_any_member_is_named_at_once(
    docker: APIClient, shop: BackupSet
) -> None:
    before = state_of_host(docker)
    plan = plan_set_restore(shop.set_id, SetOptions())
    found = [(conflict.kind, conflict.name) for conflict in plan.conflicts]
    assert found.count(("volume", "shop_files")) == 1
    assert [name for kind, name in found if kind == "name"] == MEMBERS
    with pytest.raises(RestoreConflict):
        request_set_restore(shop.set_id, SetOptions())
    assert state_of_host(docker) == before
    assert Job.objects.filter(kind="stack_restore").count() == 0


def test_members_are_not_in_the_way_of_each_other(docker: APIClient, shop: BackupSet) -> None:
    options = SetOptions(on_conflict="replace", overwrite_volumes=True)
    assert plan_set_restore(shop.set_id, options).conflicts == []


def test_two_members_cannot_have_one_port(
    docker: APIClient, make_container: ContainerMaker, shop: BackupSet
) -> None:
    host = {"port_bindings": {80: 8085}}
    make_container("shop-zeta-1", labels=compose("zeta"), ports=[80], host=host, start=False)
    found = backed_up()
    docker.remove_container("shop-zeta-1")
    remove_shop(docker)
    (conflict,) = plan_set_restore(found.set_id, SetOptions(start=True)).conflicts
    assert conflict.message.startswith("The host port 8085 is taken by shop-")
    restored(found)


def test_ports_for_a_container_that_is_no_member_are_named(shop: BackupSet) -> None:
    options = SetOptions(
        on_conflict="replace",
        overwrite_volumes=False,
        port_overrides={"nobody": {"80/tcp": 9000}},
    )
    (conflict,) = plan_set_restore(shop.set_id, options).conflicts
    assert conflict.message == "No container of the set is named nobody."


def test_a_set_that_is_not_whole_is_not_restored_as_one(docker: APIClient, shop: BackupSet) -> None:
    remove_shop(docker)
    delete_backup(shop.backups[1].filename)
    (conflict,) = plan_set_restore(shop.set_id, SetOptions()).conflicts
    assert (conflict.kind, conflict.name, conflict.answer) == ("member", "shop-app-1", "")


def test_names_are_kept(shop: BackupSet) -> None:
    with pytest.raises(Invalid, match="must be fail or replace"):
        SetOptions(on_conflict="rename")  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="must be a port"):
        SetOptions(port_overrides={"shop-web-1": {"80/tcp": 0}})


# When something fails


def test_a_member_that_does_not_come_up_puts_everything_back(
    docker: APIClient, make_container: ContainerMaker, shop: BackupSet
) -> None:
    change_everything(docker)
    before = state_of_host(docker)
    original = Restore.put_new_in_place

    with pytest.MonkeyPatch.context() as patch:

        def put_new_in_place(self: Restore) -> str:
            if self.plan.name == "shop-web-1":
                self.plan.body["Cmd"] = ["sh", "-c", "echo no; exit 1"]
            return original(self)

        patch.setattr(Restore, "put_new_in_place", put_new_in_place)
        options = SetOptions(on_conflict="replace", overwrite_volumes=True)
        job = failed(request_set_restore(shop.set_id, options))

    assert "shop-web-1 ended at once with exit code 1" in job.error
    assert job.undo == []
    assert state_of_host(docker) == before
    assert content(docker) == ["new", "new"]
    assert run_in(docker, "shop-db-1", "ls", "/data").split() == ["stale", "table"]


def test_a_taken_port_is_found_before_anything_is_touched(
    docker: APIClient, make_container: ContainerMaker, shop: BackupSet
) -> None:
    remove_shop(docker)
    make_container("squatter", ports=[1], host={"port_bindings": {1: 8085}})
    (conflict,) = plan_set_restore(shop.set_id, SetOptions()).conflicts
    assert "8085 is taken by squatter" in conflict.message
    restored(shop, port_overrides={"shop-web-1": {"80/tcp": 8086}})
    assert docker.port("shop-web-1", 80)[0]["HostPort"] == "8086"


@pytest.mark.parametrize("step", ["put_old_aside", "transfer", "put_new_in_place"])
def test_a_worker_that_is_killed_leaves_everything_as_it_was(
    docker: APIClient, shop: BackupSet, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, step: str
) -> None:
    change_everything(docker)
    before = state_of_host(docker)
    reached, original = tmp_path / "reached", getattr(Restore, step)

    def then_wait(self: Restore, *arguments: Any) -> Any:
        result = original(self, *arguments)
        if self.plan.name == "shop-app-1":
            reached.touch()
            wait_for(lambda: False, "the end", 600)
        return result

    monkeypatch.setattr(Restore, step, then_wait)
    options = SetOptions(on_conflict="replace", overwrite_volumes=True)
    job = request_set_restore(shop.set_id, options)
    with worker_process() as process:
        wait_for(reached.exists, f"the step {step}")
        with pytest.raises(Conflict):
            delete_backup(shop.backups[0].filename)
        kill(process)

    recover()

    job.refresh_from_db()
    assert (job.status, job.undo) == (Status.INTERRUPTED, [])
    assert state_of_host(docker) == before
    assert content(docker) == ["new", "new"]
    assert not run_next()

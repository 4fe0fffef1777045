"""backups.networks.restoring"""

from typing import Any

import pytest
from docker import APIClient

from accounts.models import AuditEntry
from backups.errors import RestoreConflict
from backups.models import Backup
from backups.networks import restoring
from backups.networks.capture import back_up_network
from backups.networks.plan import NetworkOptions, plan_network_restore
from backups.networks.restoring import restore_network
from containermonkey.problems import EngineRefused, Invalid, NotFound
from tests.backups.steps import state_of_host

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]


def settings_of(inspect: dict[str, Any]) -> dict[str, Any]:
    return {name: inspect[name] for name in inspect if name not in ("Id", "Created")}


def refused(backup: Backup, docker: APIClient, **options: Any) -> str:
    """Why a restore is refused, which has touched nothing."""
    before = state_of_host(docker)
    with pytest.raises(RestoreConflict) as conflict:
        restore_network(backup.filename, NetworkOptions(**options))
    assert state_of_host(docker) == before
    return str(conflict.value)


def test_a_deleted_network_comes_back_as_it_was(backup, shop, docker):
    docker.remove_network("shop")
    restored = restore_network(backup.filename, NetworkOptions())
    assert settings_of(docker.inspect_network("shop")) == settings_of(shop)
    assert (restored.network.name, restored.report, restored.replaced) == ("shop", [], "")
    line = AuditEntry.objects.get(action="network.restore")
    assert (line.target, line.details["name"]) == (backup.filename, "shop")


def test_a_name_that_is_taken_is_in_the_way(backup, docker):
    assert refused(backup, docker) == "A network has the name shop."


def test_under_another_name_its_subnet_must_be_free(backup, docker):
    expected = "Its subnet overlaps that of the network shop."
    assert refused(backup, docker, new_name="copy") == expected
    assert refused(backup, docker, on_conflict="rename") == expected
    docker.remove_network("shop")
    assert restore_network(backup.filename, NetworkOptions("copy")).network.name == "copy"


def test_a_subnet_that_overlaps_is_in_the_way(backup, docker):
    docker.remove_network("shop")
    ipam = {"Driver": "default", "Config": [{"Subnet": "10.77.128.0/17"}]}
    docker.create_network("other", ipam=ipam)
    assert refused(backup, docker) == "Its subnet overlaps that of the network other."


def test_free_names_are_taken(docker, data_dir):
    docker.create_network("plain")
    ipam = {"Driver": "default", "Config": [{"Subnet": "10.70.0.0/24"}]}
    docker.create_network("shop", ipam=ipam)
    backup = back_up_network("shop")
    docker.remove_network("shop")
    elsewhere = {"Driver": "default", "Config": [{"Subnet": "10.71.0.0/24"}]}
    docker.create_network("shop", ipam=elsewhere)
    restored = restore_network(backup.filename, NetworkOptions(on_conflict="rename"))
    assert restored.network.name == "shop-restored"
    assert restored.network.subnets == ["10.70.0.0/24"]


def test_a_network_is_replaced_and_backed_up_before(backup, shop, docker):
    docker.remove_network("shop")
    docker.create_network("shop", labels={"another": "one"})
    restored = restore_network(backup.filename, NetworkOptions(on_conflict="replace"))
    assert settings_of(docker.inspect_network("shop")) == settings_of(shop)
    old = Backup.objects.get(filename=restored.replaced)
    docker.remove_network("shop")
    restore_network(old.filename, NetworkOptions())
    assert docker.inspect_network("shop")["Labels"] == {"another": "one"}


@pytest.mark.parametrize("start", [True, False])
def test_one_that_containers_use_is_not_replaced(backup, docker, make_container, start):
    networking = {"shop": docker.create_endpoint_config()}
    make_container("web", networking=networking, start=start)
    why = refused(backup, docker, on_conflict="replace")
    assert why == "The present network shop is in use by web: disconnect them first."


def test_of_two_with_one_name_neither_is_replaced(backup, docker):
    docker.create_network("shop", check_duplicate=False)
    assert "Several networks have the name shop" in refused(backup, docker, on_conflict="replace")


def test_where_the_engine_refuses_the_old_one_is_there_again(backup, shop, docker, monkeypatch):
    docker.remove_network("shop")
    docker.create_network("shop", labels={"another": "one"})
    real, asked = restoring.Docker.create_network_from_body, []

    def refusing(self, body):
        asked.append(body)
        if len(asked) == 1:
            raise EngineRefused("No.")
        return real(self, body)

    monkeypatch.setattr(restoring.Docker, "create_network_from_body", refusing)
    with pytest.raises(EngineRefused):
        restore_network(backup.filename, NetworkOptions(on_conflict="replace"))
    assert docker.inspect_network("shop")["Labels"] == {"another": "one"}


def test_the_plan_names_who_was_on_it_and_connects_nobody(shop, docker, make_container, data_dir):
    networking = {"shop": docker.create_endpoint_config()}
    web = make_container("web", networking=networking, start=False)
    backup = back_up_network("shop")
    docker.remove_container(web)
    docker.remove_network("shop")
    steps = plan_network_restore(backup.filename, NetworkOptions()).in_words().steps
    assert "No container is connected. It had: web." in steps
    restore_network(backup.filename, NetworkOptions())
    assert docker.inspect_network("shop")["Containers"] == {}


def test_what_the_settings_come_from_must_be_there(docker, data_dir):
    body = {"Name": "base", "ConfigOnly": True, "IPAM": {"Config": [{"Subnet": "10.72.0.0/24"}]}}
    with_engine = docker._post_json(docker._url("/networks/create"), data=body)
    assert with_engine.status_code == 201
    body = {"Name": "net", "ConfigFrom": {"Network": "base"}}
    docker._post_json(docker._url("/networks/create"), data=body)
    backup = back_up_network("net")
    docker.remove_network("net")
    docker.remove_network("base")
    assert "settings from the network base" in refused(backup, docker)


def test_a_network_of_a_swarm_needs_one(docker, data_dir, monkeypatch):
    docker.create_network("net")
    real = restoring.Docker.inspect_network

    def of_swarm(self, *arguments, **options):
        return real(self, *arguments, **options) | {"Scope": "swarm", "Driver": "overlay"}

    with monkeypatch.context() as patched:
        patched.setattr("engine.client.Docker.inspect_network", of_swarm, raising=False)
        backup = back_up_network("net")
    docker.remove_network("net")
    assert "needs a swarm" in refused(backup, docker)


@pytest.mark.parametrize("name", ["bridge", "none"])
def test_dockers_own_names_cannot_be_taken(backup, docker, name):
    assert "Docker’s own" in refused(backup, docker, new_name=name, on_conflict="replace")


@pytest.mark.parametrize(
    "options",
    [{"new_name": "../x"}, {"new_name": "<b>"}, {"new_name": "a" * 201}, {"on_conflict": "hope"}],
)
def test_odd_options_are_refused(options):
    with pytest.raises(Invalid):
        NetworkOptions(**options)


def test_what_is_no_backup_is_not_there():
    with pytest.raises(NotFound):
        restore_network("nothing.tar.gz", NetworkOptions())

"""Containers that a restored one refers to, or that refer to it."""

import pytest
from docker import APIClient

from backups.options import RestoreOptions
from backups.services import plan_restore
from engine.identity import SELF_LABEL
from tests.arrange import ContainerMaker
from tests.backups.steps import backed_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

FOREVER = ["sleep", "1000"]


def test_this_program_is_not_stopped_for_the_network_that_it_uses(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    gateway = make_container("gateway", command=FOREVER, host={"init": True})
    backup = backed_up("gateway")
    host = {"network_mode": f"container:{gateway}", "init": True}
    make_container("monkey", command=FOREVER, labels={SELF_LABEL: "1"}, host=host)
    plan = plan_restore(backup.filename, RestoreOptions(on_conflict="replace"))
    assert [(c.kind, c.name, c.answer) for c in plan.conflicts] == [
        ("container", "gateway", "new_name")
    ]
    assert plan_restore(backup.filename, RestoreOptions(new_name="second")).conflicts == []


def test_a_container_that_it_is_linked_to_has_to_be_there(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("db", command=FOREVER, host={"init": True})
    made = make_container("app", command=FOREVER, host={"links": {"db": "store"}, "init": True})
    backup = backed_up("app")
    docker.remove_container(made, force=True)
    assert plan_restore(backup.filename, RestoreOptions()).conflicts == []
    docker.remove_container("db", force=True)
    (conflict,) = plan_restore(backup.filename, RestoreOptions()).conflicts
    assert (conflict.kind, conflict.name) == ("container", "db")


def test_a_name_that_begins_another_containers_id_is_not_that_container(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    bystander = make_container("bystander", command=FOREVER, host={"init": True})
    name = bystander[:6]
    make_container(name, command=FOREVER, host={"init": True})
    made = make_container("app", command=FOREVER, host={"links": {name: "store"}, "init": True})
    backup = backed_up("app")
    docker.remove_container(made, force=True)
    docker.remove_container(docker.containers(filters={"name": f"^{name}$"})[0]["Id"], force=True)
    (conflict,) = plan_restore(backup.filename, RestoreOptions()).conflicts
    assert (conflict.kind, conflict.name) == ("container", name)

"""Is there a newer one in the registry? GET /api/image/<id>/newer and the button on the page."""

import pytest

from images.registries.services import SignIn, add_registry
from tests.backups.pages import tags_of, text_of
from tests.engine_calls import recorded_calls
from tests.images import build_small
from tests.registry import ADDRESS

HTMX = {"HX-Request": "true"}


@pytest.fixture
def publish(docker, registry):
    """Puts an image that carries a mark into the registry as `app:1`; its reference."""

    def put(mark: str) -> str:
        build_small(docker, "made:1", [f"LABEL mark={mark}"])
        reference = registry.put(docker, "made:1", "app", "1")
        docker.remove_image("made:1", force=True)
        return reference

    return put


@pytest.fixture
def app(docker, publish) -> str:
    """The reference of an image that was pulled from the registry."""
    reference = publish("old")
    docker.pull(reference)
    return reference


def asked(client, reference: str) -> dict:
    (check,) = client.get(f"/api/image/{reference}/newer").json()["checks"]
    return check


def test_one_that_the_registry_has_is_up_to_date(client, docker, app):
    check = asked(client, app)
    assert (check["tag"], check["state"], check["newer"]) == (app, "up_to_date", False)
    assert docker.inspect_image(app)["RepoDigests"][0].endswith(check["digest"])


def test_a_newer_one_is_told_and_not_pulled(client, docker, app, publish):
    before = docker.inspect_image(app)
    publish("new")
    check = asked(client, before["Id"])
    assert (check["state"], check["newer"]) == ("newer", True)
    assert not before["RepoDigests"][0].endswith(check["digest"])
    assert docker.inspect_image(app)["Id"] == before["Id"]


def test_one_that_was_built_here_asks_no_registry(client, docker, engine):
    build_small(docker, "local:1", ["LABEL local=1"])
    with recorded_calls() as calls:
        check = asked(client, "local:1")
    assert (check["state"], check["newer"], check["digest"]) == ("built_here", None, None)
    assert not [call for call in calls if "distribution" in call]


def test_one_that_the_registry_lost_is_told(admin_client, registry, app):
    (registry.path / "manifests" / "app" / "1").unlink()
    assert asked(admin_client, app)["state"] == "not_found"


def test_a_registry_that_lets_nobody_in_is_told(admin_client, registry, app):
    registry.deny()
    check = asked(admin_client, app)
    assert (check["state"], check["newer"]) == ("denied", None)


def test_a_registry_that_is_away_is_told(admin_client, registry, app):
    registry.stop()
    check = asked(admin_client, app)
    assert (check["state"], check["newer"]) == ("unreachable", None)
    assert "refused" in check["message"]


def test_each_tag_is_asked_for_and_one_alone_by_its_name(admin_client, docker, app):
    docker.tag(app, "local", "1")
    image = docker.inspect_image(app)["Id"]
    checks = admin_client.get(f"/api/image/{image}/newer").json()["checks"]
    assert {each["tag"]: each["state"] for each in checks} == {
        app: "up_to_date",
        "local:1": "built_here",
    }
    assert asked(admin_client, "local:1")["tag"] == "local:1"


def test_who_is_signed_in_to_the_registry_is_let_in(admin_client, registry, app):
    registry.require("otto", "a-secret-word")
    assert asked(admin_client, app)["state"] == "denied"
    add_registry(SignIn(ADDRESS, "otto", "a-secret-word"))
    assert asked(admin_client, app)["state"] == "up_to_date"


def test_a_password_that_cannot_be_read_is_told_beside_its_tag(
    admin_client, docker, registry, app, settings
):
    registry.require("otto", "a-secret-word")
    add_registry(SignIn(ADDRESS, "otto", "a-secret-word"))
    docker.tag(app, "local", "1")
    settings.REGISTRIES_KEY = "another key"
    image = docker.inspect_image(app)["Id"]
    checks = admin_client.get(f"/api/image/{image}/newer").json()["checks"]
    states = {each["tag"]: each["state"] for each in checks}
    assert states == {app: "denied", "local:1": "built_here"}


def test_an_image_with_very_many_names_is_asked_for_by_one(admin_client, docker, app):
    for number in range(11):
        docker.tag(app, "many", str(number))
    image = docker.inspect_image(app)["Id"]
    assert admin_client.get(f"/api/image/{image}/newer").status_code == 400
    assert asked(admin_client, "many:3")["state"] == "built_here"


def test_the_page_asks_only_when_it_is_told_to(client, docker, app, publish):
    publish("new")
    path = f"/images/{docker.inspect_image(app)['Id']}/"
    with recorded_calls() as calls:
        page = client.get(path)
    assert not [call for call in calls if "distribution" in call]
    assert tags_of(page, "form", action=f"{path}newer/", method="post")
    assert client.get(f"{path}newer/").status_code == 405
    fragment = client.post(f"{path}newer/", headers=HTMX)
    assert "Newer there" in text_of(fragment)
    assert fragment.content.decode().lstrip().startswith("<dl")
    without_scripts = client.post(f"{path}newer/", follow=True)
    assert f"The registry has a newer {app}" in text_of(without_scripts)


def test_a_stranger_asks_nothing(stranger_client, app):
    assert stranger_client.get(f"/api/image/{app}/newer").status_code == 401
    assert stranger_client.post(f"/images/{app}/newer/").status_code == 302

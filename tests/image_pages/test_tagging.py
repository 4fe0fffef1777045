"""Giving images names and taking them away."""

import pytest

from accounts.models import AuditEntry
from engine.identity import SELF_LABEL
from tests.backups.pages import tags_of, text_of
from tests.images import build_small

JSON = "application/json"

BAD = [
    ("Capital", "1"),
    ("team//web", "1"),
    ("../web", "1"),
    ("-web", "1"),
    ("web:2", "1"),
    ("web@sha256:x", "1"),
    ("<b>", "1"),
    ("é", "1"),
    ("a" * 64, "1"),
    ("web\n", "1"),
    ("web", "-1"),
    ("web", "a b"),
    ("web", "1/2"),
    ("web", "é"),
]


def tags(docker, image: str) -> list[str]:
    return sorted(docker.inspect_image(image)["RepoTags"])


def test_a_form_gives_a_further_name(client, docker, shop):
    path = f"/images/{shop['used']}/tag/"
    assert tags_of(client.get(path), "input", name="repository")
    sent = {"repository": "registry.example:5000/team/web", "tag": "v1.2"}
    answer = client.post(path, sent, follow=True)
    assert "The image has the name registry.example:5000/team/web:v1.2" in text_of(answer)
    assert tags(docker, shop["used"]) == ["registry.example:5000/team/web:v1.2", "shop/web:1"]
    assert AuditEntry.objects.filter(action="image.tag", target="shop/web:1").exists()


def test_the_api_gives_one_and_says_whether_it_was_new(client, docker, shop):
    path = f"/api/image/{shop['used']}/tag"
    answer = client.post(path, {"repository": "again"}, JSON)
    assert answer.json() == {"success": True, "changed": True, "name": "again:latest"}
    answer = client.post(path, {"repository": "again", "tag": "latest"}, JSON)
    assert answer.json() == {"success": True, "changed": False, "name": "again:latest"}


@pytest.mark.parametrize(("repository", "tag"), BAD)
def test_a_name_that_docker_does_not_have_is_refused(admin_client, docker, shop, repository, tag):
    body = {"repository": repository, "tag": tag}
    answer = admin_client.post(f"/api/image/{shop['used']}/tag", body, JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert set(answer.json()["fields"]) == {"tag" if repository == "web" else "repository"}
    assert tags(docker, shop["used"]) == ["shop/web:1"]


def test_the_form_says_what_is_wrong_beside_the_field(admin_client, docker, shop):
    path = f"/images/{shop['used']}/tag/"
    page = admin_client.post(path, {"repository": "<b>Bad", "tag": "ok"})
    assert page.status_code == 422
    assert "has no capital letters" in text_of(page)
    assert tags_of(page, "input", name="repository", value="<b>Bad")
    assert admin_client.post(path, {"repository": ""}).status_code == 422
    assert tags(docker, shop["used"]) == ["shop/web:1"]


def test_a_name_of_another_image_moves_only_when_that_is_said(client, docker, shop):
    body = {"repository": "spare", "tag": "1"}
    refused = client.post(f"/api/image/{shop['used']}/tag", body, JSON)
    assert refused.status_code == 409
    assert refused.json()["image"] == shop["spare"]
    page = client.post(f"/images/{shop['used']}/tag/", body)
    assert page.status_code == 422
    assert "spare:1 is the name of another image" in text_of(page)
    assert docker.inspect_image("spare:1")["Id"] == shop["spare"]
    client.post(f"/images/{shop['used']}/tag/", body | {"move": "on"})
    assert docker.inspect_image("spare:1")["Id"] == shop["used"]
    assert tags(docker, shop["spare"]) == ["other/spare:2"]


def test_taking_a_name_from_another_image_is_untagging_it(operator_client, docker, shop):
    body = {"repository": "spare", "tag": "1", "move": True}
    answer = operator_client.post(f"/api/image/{shop['used']}/tag", body, JSON)
    assert (answer.status_code, answer.json()["right"]) == (403, "delete")
    assert docker.inspect_image("spare:1")["Id"] == shop["spare"]


def test_the_name_of_our_own_image_is_out_of_reach(admin_client, docker, shop, make_container):
    own = build_small(docker, "monkey:1", ["LABEL own=1"])
    make_container("monkey", image="monkey:1", labels={SELF_LABEL: "1"}, start=False)
    body = {"repository": "monkey", "tag": "1", "move": True}
    assert admin_client.post(f"/api/image/{shop['used']}/tag", body, JSON).status_code == 403
    body = {"repository": "more", "tag": "1"}
    assert admin_client.post(f"/api/image/{own}/tag", body, JSON).status_code == 403
    assert admin_client.post(f"/images/{own}/untag/", {"name": "monkey:1"}).status_code == 403
    assert tags(docker, own) == ["monkey:1"]


def test_one_of_several_names_is_taken_away_after_it_was_asked(client, docker, shop):
    page = client.get(f"/images/{shop['spare']}/")
    path = f"/images/{shop['spare']}/untag/"
    assert tags_of(page, "a", href=f"{path}?name=other%2Fspare%3A2")
    asked = client.get(path, {"name": "other/spare:2"})
    assert "Remove the name other/spare:2?" in text_of(asked)
    assert "Its name spare:1" in text_of(asked)
    answer = client.post(path, {"name": "other/spare:2"}, follow=True)
    assert "Removed the name other/spare:2" in text_of(answer)
    assert tags(docker, shop["spare"]) == ["spare:1"]
    assert AuditEntry.objects.filter(action="image.untag").exists()


def test_one_that_was_opened_by_the_name_is_still_found_without_it(admin_client, shop):
    path = "/images/other/spare:2/untag/"
    answer = admin_client.post(path, {"name": "other/spare:2"}, follow=True)
    assert answer.redirect_chain == [(f"/images/{shop['spare']}/", 302)]
    assert answer.status_code == 200


@pytest.mark.parametrize("image", ["used", "spare"])
def test_the_last_name_stays(admin_client, docker, shop, image):
    if image == "spare":
        docker.remove_image("other/spare:2")
    (name,) = tags(docker, shop[image])
    answer = admin_client.post(f"/images/{shop[image]}/untag/", {"name": name})
    assert answer.status_code == 409
    assert "is the only name of the image" in text_of(answer)
    assert tags(docker, shop[image]) == [name]


def test_the_name_of_another_image_is_not_taken_away(admin_client, docker, shop):
    path = f"/images/{shop['spare']}/untag/"
    for name in ("shop/web:1", "nowhere:1", "<b>", ""):
        assert admin_client.post(path, {"name": name}).status_code == 404
        assert admin_client.get(path, {"name": name}).status_code == 404
    assert tags(docker, shop["used"]) == ["shop/web:1"]


def test_a_stranger_names_nothing(stranger_client, docker, shop):
    body = {"repository": "mine"}
    answer = stranger_client.post(f"/api/image/{shop['used']}/tag", body, JSON)
    assert answer.status_code == 401
    assert stranger_client.post(f"/images/{shop['used']}/tag/", body).status_code == 302
    assert tags(docker, shop["used"]) == ["shop/web:1"]


def test_the_form_offers_no_operator_to_take_a_name_away(operator_client, docker, shop):
    body = {"repository": "spare", "tag": "1"}
    page = operator_client.post(f"/images/{shop['used']}/tag/", body)
    (box,) = tags_of(page, "input", name="move")
    assert "disabled" in box
    assert "This takes the right to delete" in text_of(page)
    forced = operator_client.post(f"/images/{shop['used']}/tag/", body | {"move": "on"})
    assert forced.status_code == 403
    assert docker.inspect_image("spare:1")["Id"] == shop["spare"]

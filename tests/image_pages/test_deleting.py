"""Deleting images, one and many, and clearing away what nobody uses."""

import pytest

from accounts.models import AuditEntry
from engine.helpers import ensure_empty_image
from tests.backups.pages import tags_of, text_of
from tests.images import BUSYBOX, build, build_empty

JSON = "application/json"


def ids(docker) -> set[str]:
    return {image["Id"] for image in docker.images() if image["RepoTags"] != [BUSYBOX]}


@pytest.fixture
def family(docker, make_container) -> dict[str, str]:
    """An image, and one that is built on it."""
    parent = build(docker, "parent:1", ["LABEL generation=1"])
    made = make_container("maker", image="parent:1", start=False)
    child = docker.commit(made, "child", "1")["Id"]
    docker.remove_container(made)
    return {"parent": parent, "child": child}


def test_the_page_says_what_goes_and_deletes_it(client, docker, shop):
    asked = client.get(f"/images/{shop['spare']}/delete/")
    assert "The name other/spare:2" in text_of(asked)
    assert "The name spare:1" in text_of(asked)
    assert shop["spare"] in ids(docker)
    answer = client.post(f"/images/{shop['spare']}/delete/", follow=True)
    assert "Deleted the image other/spare:2, spare:1" in text_of(answer)
    assert ids(docker) == {shop["used"], shop["lost"]}
    line = AuditEntry.objects.get(action="image.delete")
    assert (line.target, line.result) == ("other/spare:2", AuditEntry.Result.DONE)


@pytest.mark.parametrize("force", ["", "?force=true"])
@pytest.mark.parametrize("running", [False, True], ids=["stopped", "running"])
def test_one_in_use_stays_and_its_containers_are_named(client, docker, shop, running, force):
    if running:
        docker.start("web")
    for name in (shop["used"], "shop/web:1"):
        answer = client.delete(f"/api/image/{name}/delete{force}")
        assert answer.status_code == 409
        assert "is in use by web." in answer.json()["error"]
        assert answer.json()["containers"] == ["web"]
    assert client.get(f"/images/{shop['used']}/delete/").status_code == 409
    assert client.post(f"/images/{shop['used']}/delete/").status_code == 409
    assert docker.inspect_image("shop/web:1")["Id"] == shop["used"]


def test_one_without_a_name_is_deleted(client, docker, shop):
    answer = client.delete(f"/api/image/{shop['lost'][7:19]}/delete").json()
    assert answer["success"]
    assert shop["lost"] in answer["deleted"]
    assert shop["lost"] not in ids(docker)


@pytest.mark.parametrize("by", [{"query_params": {"force": "true"}}, {"data": {"force": True}}])
def test_one_with_several_names_needs_force_by_its_id(client, docker, shop, by):
    address, kind = f"/api/image/{shop['spare']}/delete", "application/json"
    refused = client.delete(address)
    assert refused.status_code == 409
    assert refused.json()["names"] == ["other/spare:2", "spare:1"]
    answer = client.delete(address, content_type=kind, **by).json()
    assert sorted(answer["untagged"]) == ["other/spare:2", "spare:1"]
    assert shop["spare"] in answer["deleted"]
    assert shop["spare"] not in ids(docker)


def test_by_a_name_only_that_name_goes_until_it_is_the_last(client, docker, shop):
    first = client.delete("/api/image/other/spare:2/delete").json()
    assert first == {"success": True, "untagged": ["other/spare:2"], "deleted": []}
    assert docker.inspect_image("spare:1")["Id"] == shop["spare"]
    second = client.delete("/api/image/docker.io/library/spare:1/delete").json()
    assert second["untagged"] == ["spare:1"]
    assert shop["spare"] in second["deleted"]


def test_a_name_of_one_in_use_goes_while_another_remains(admin_client, docker, shop):
    docker.tag(shop["used"], "more", "1")
    answer = admin_client.delete("/api/image/more:1/delete").json()
    assert answer == {"success": True, "untagged": ["more:1"], "deleted": []}


@pytest.mark.parametrize("force", ["", "?force=true"])
def test_one_that_others_are_built_on_stays(client, docker, family, force):
    for name in (family["parent"], "parent:1"):
        answer = client.delete(f"/api/image/{name}/delete{force}")
        assert answer.status_code == 409
        assert answer.json()["error"].startswith("child:1 is built on the image parent:1.")
        assert answer.json()["images"] == ["child:1"]
    assert client.get(f"/images/{family['parent']}/delete/").status_code == 409
    assert docker.inspect_image("parent:1")["Id"] == family["parent"]


def test_several_are_deleted_each_with_its_result(admin_client, docker, shop):
    asked = [shop["spare"], shop["used"], "nowhere", shop["spare"]]
    body = {"ids": asked, "force": True}
    results = admin_client.post("/api/images/delete", body, JSON).json()["results"]
    assert [(each["id"], each["success"]) for each in results] == [
        (shop["spare"], True),
        (shop["used"], False),
        ("nowhere", False),
    ]
    assert shop["spare"] in results[0]["deleted"]
    assert "in use by web" in results[1]["error"]
    assert ids(docker) == {shop["used"], shop["lost"]}


def test_of_several_what_is_built_on_others_goes_first(admin_client, docker, family):
    body = {"ids": [family["parent"], family["child"][7:19]]}
    results = admin_client.post("/api/images/delete", body, JSON).json()["results"]
    assert [(each["id"], each["success"]) for each in results] == [
        (family["parent"], True),
        (family["child"][7:19], True),
    ]
    assert ids(docker) == set()


def test_several_are_deleted_from_the_page_without_scripts(admin_client, docker, shop):
    chosen = {"id": [shop["spare"][7:19], shop["used"][7:19]]}
    asked = admin_client.post("/images/-/delete/", chosen)
    assert "Delete 2 images?" in text_of(asked)
    assert "also called spare:1" in text_of(asked)
    assert len(ids(docker)) == 3
    confirmed = {"id": [shop["spare"], shop["used"]], "confirmed": "1"}
    answer = text_of(admin_client.post("/images/-/delete/", confirmed, follow=True))
    assert "Deleted 1 image" in answer
    assert "The image shop/web:1 is in use by web" in answer
    assert ids(docker) == {shop["used"], shop["lost"]}
    none = admin_client.post("/images/-/delete/", follow=True)
    assert "No image was selected" in text_of(none)


@pytest.mark.parametrize(
    "body",
    [{}, {"ids": []}, {"ids": [""]}, {"ids": "x"}, {"ids": ["a"], "x": 1}, {"ids": ["a"] * 501}],
)
def test_what_names_no_images_is_refused(admin_client, body):
    answer = admin_client.post("/api/images/delete", body, JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_body_that_is_no_json_is_refused(admin_client):
    for path in ("/api/images/delete", "/api/image/x/tag"):
        assert admin_client.post(path, {"ids": ["x"]}).status_code == 415


def test_what_is_gone_meanwhile_is_said(admin_client, docker, shop):
    docker.remove_image(shop["lost"])
    assert admin_client.post(f"/images/{shop['lost']}/delete/").status_code == 404
    assert admin_client.delete(f"/api/image/{shop['lost']}/delete").status_code == 404


def test_who_has_not_signed_in_deletes_nothing(stranger_client, docker, shop):
    assert stranger_client.delete(f"/api/image/{shop['lost']}/delete").status_code == 401
    assert stranger_client.post("/api/cleanup/dangling-images", {}, JSON).status_code == 401
    assert stranger_client.post("/images/-/dangling/").status_code == 302
    assert shop["lost"] in ids(docker)


# Clearing away


def test_dangling_images_are_previewed_and_cleared_away(client, docker, shop, make_container):
    make_container("keeper", image=build_empty(docker, "kept:1"), start=False)
    docker.tag(shop["used"], "kept", "1")
    docker.remove_image("kept:1")
    build(docker, "big:1", files={"x": bytes(3 << 20)})
    docker.tag(shop["used"], "big", "1")
    docker.remove_image("big:1")
    tab = client.get("/images/?state=dangling")
    assert tags_of(tab, "a", href="/images/-/dangling/")
    asked = client.get("/images/-/dangling/")
    assert "Delete 2 images without a name?" in text_of(asked)
    assert "Up to 4.9 MiB become free" in text_of(asked)
    assert len(ids(docker)) == 5
    answer = text_of(client.post("/images/-/dangling/", follow=True))
    assert "Deleted 2 images; 4.9 MiB are free again" in answer
    assert len(ids(docker)) == 3
    line = AuditEntry.objects.get(action="image.prune")
    assert line.details["deleted"] == 2
    assert "There are none any more" in text_of(client.get("/images/-/dangling/"))


def test_the_api_clears_away_and_says_what_is_gone(client, docker, shop):
    build(docker, "big:1", files={"x": bytes(3 << 20)})
    made = docker.inspect_image("big:1")
    docker.tag(shop["used"], "big", "1")
    answer = client.post("/api/cleanup/dangling-images", {}, JSON).json()
    assert sorted(answer["deleted"]) == sorted([made["Id"], shop["lost"]])
    assert made["Size"] <= answer["space_reclaimed"] < made["Size"] + (1 << 20)
    again = client.post("/api/cleanup/dangling-images", {}, JSON).json()
    assert again == {"deleted": [], "space_reclaimed": 0}


def test_unused_images_are_offered_but_for_those_of_our_helpers(
    admin_client, docker, shop, settings, busybox, monkeypatch
):
    build(docker, "with-tar:1", ["LABEL helper=1"])
    assert ensure_empty_image(docker)
    settings.HELPER_IMAGE = "with-tar:1"
    asked = admin_client.get("/images/-/unused/")
    chosen = {tag["value"] for tag in tags_of(asked, "input", name="id")}
    assert chosen - {docker.inspect_image(busybox)["Id"]} == {shop["spare"], shop["lost"]}
    assert "more come after these" not in text_of(asked)
    with monkeypatch.context() as patch:
        patch.setattr("images.deleting.MOST", 1)
        few = admin_client.get("/images/-/unused/")
    assert len(tags_of(few, "input", name="id")) == 1
    assert f"{len(chosen) - 1} more come after these: not more than 1 go at once" in text_of(few)
    sent = {"id": [*chosen & {shop["spare"], shop["lost"]}], "confirmed": "1"}
    answer = admin_client.post("/images/-/delete/", sent, follow=True)
    assert "Deleted 2 images" in text_of(answer)
    assert shop["used"] in ids(docker)

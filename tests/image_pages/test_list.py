"""/images/ and GET /api/images"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from docker import APIClient

from engine import engine
from engine.helpers import helper
from engine.identity import SELF_LABEL
from images import overview
from images.listing import in_order, list_images
from tests.arrange import ContainerMaker
from tests.backups.pages import tags_of, text_of
from tests.engine_calls import recorded_calls
from tests.images import BUSYBOX, build, ensure_busybox

HTMX = {"HX-Request": "true"}


def listed(client: Client, **query: Any) -> list[dict[str, Any]]:
    images = client.get("/api/images", query).json()["images"]
    return [image for image in images if image["tags"] != [BUSYBOX]]


def shown(client: Client, query: str = "") -> list[str]:
    rows = tags_of(client.get(f"/images/?{query}"), "input", name="id")
    titles = [str(row["aria-label"]).removeprefix("Select ") for row in rows]
    return [title for title in titles if title != BUSYBOX]


def test_each_is_told_with_its_names_and_who_uses_it(
    client: Client, docker: APIClient, shop: dict
) -> None:
    found = {image["id"]: image for image in listed(client)}
    assert set(found) == set(shop.values())
    used, spare, lost = (found[shop[name]] for name in ("used", "spare", "lost"))
    assert (used["tags"], used["repository"], used["tag"]) == (["shop/web:1"], "shop/web", "1")
    assert used["short_id"] == shop["used"].removeprefix("sha256:")[:12]
    assert (used["containers"], used["in_use_by"], used["dangling"]) == (1, ["web"], False)
    assert used["size"] == docker.inspect_image(shop["used"])["Size"] > 0
    assert used["shared_size"] is None
    assert used["created"].endswith("Z")
    assert spare["tags"] == ["other/spare:2", "spare:1"]
    assert (spare["containers"], spare["dangling"]) == (0, False)
    assert (lost["tags"], lost["digests"], lost["dangling"]) == ([], [], True)
    assert (lost["repository"], lost["tag"]) == (None, None)


def test_the_page_shows_them_and_what_may_be_done(client: Client, shop: dict, busybox: str) -> None:
    page = client.get("/images/")
    words = text_of(page)
    assert "4 on" in words
    assert "spare:1" in words
    assert f"{shop['lost'][7:19]} dangling" in words
    assert tags_of(page, "a", href="/containers/web/")
    assert tags_of(page, "a", href=f"/images/{shop['spare']}/delete/")
    assert not tags_of(page, "a", href=f"/images/{shop['used']}/delete/")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=used", ["shop/web:1"]),
        ("state=unused", ["other/spare:2", "lost"]),
        ("state=dangling", ["lost"]),
        ("state=nonsense&search=web", ["shop/web:1"]),
        ("search=GOLD", ["shop/web:1"]),
        ("search=spare:1", ["other/spare:2"]),
        ("search=spare+web", []),
        ("sort=-name", ["lost", "shop/web:1", "other/spare:2"]),
        ("sort=-use", ["shop/web:1", "other/spare:2", "lost"]),
        ("sort=size", ["lost", "other/spare:2", "shop/web:1"]),
        ("sort=<b>&page=x", ["other/spare:2", "shop/web:1", "lost"]),
    ],
)
def test_it_can_be_searched_sorted_and_chosen_from(
    admin_client: Client, shop: dict, query: str, expected: list[str]
) -> None:
    nameless = shop["lost"].removeprefix("sha256:")[:12]
    found = shown(admin_client, query)
    assert ["lost" if title == nameless else title for title in found] == expected


def test_the_newest_come_first_when_asked(shop: dict) -> None:
    images = list_images()
    old = replace(images[0], created=datetime(2020, 1, 1, tzinfo=UTC))
    never = replace(images[1], created=None)
    assert in_order([old, images[2], never], "-created") == [images[2], old, never]


def test_an_id_is_found_by_its_beginning(admin_client: Client, shop: dict) -> None:
    for words in (shop["used"], shop["used"][7:15], shop["used"][:15]):
        assert [image["id"] for image in listed(admin_client, search=words)] == [shop["used"]]


def test_the_groups_are_counted(admin_client: Client, shop: dict) -> None:
    words = text_of(admin_client.get("/images/?search=spare"))
    assert "All 1 In use 0 Unused 1 Dangling 0" in words


def test_what_is_not_found_is_said(admin_client: Client, shop: dict) -> None:
    page = admin_client.get("/images/", {"search": "<q>no</q>"})
    assert "Nothing matches “<q>no</q>”" in text_of(page)
    assert tags_of(page, "a", href="/images/")


def test_without_images_it_says_what_belongs_here(admin_client: Client, docker: APIClient) -> None:
    for image in docker.images():
        docker.remove_image(image["Id"], force=True)
    assert "No images yet" in text_of(admin_client.get("/images/"))
    assert listed(admin_client) == []


def test_htmx_gets_the_listing_alone(admin_client: Client, shop: dict) -> None:
    answer = admin_client.get("/images/?state=dangling", headers=HTMX).content.decode()
    assert answer.lstrip().startswith('<div id="images"')
    assert 'id="image-tabs" data-hx-swap-oob' in answer


def test_what_is_shared_comes_when_it_is_asked_for(
    admin_client: Client, docker: APIClient, make_container: ContainerMaker
) -> None:
    made = make_container("web", start=False)
    docker.commit(made, "child", "1")
    build(docker, "alone:1", files={"x": bytes(1 << 20)})
    shared = {each["tags"][0]: each["shared_size"] for each in listed(admin_client, sizes="true")}
    assert shared["child:1"] > 1 << 20
    assert shared["alone:1"] == 0
    page = admin_client.get("/images/?sizes=1&sort=-shared")
    assert text_of(page).index("child:1") < text_of(page).index("alone:1")
    assert not tags_of(page, "div", id="images")[0].get("data-hx-trigger")


def test_the_list_costs_the_same_however_many_there_are(
    admin_client: Client,
    docker: APIClient,
    django_assert_max_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(overview, "PAGE_SIZE", 20)
    made = docker.inspect_image(ensure_busybox(docker))["Id"]
    for number in range(24):
        docker.import_image_from_data(
            bytes(1024), repository=f"image-{number:03}", changes=[f"LABEL number={number}"]
        )
    admin_client.get("/images/")
    with recorded_calls() as calls, django_assert_max_num_queries(8):
        page = admin_client.get("/images/?sort=name")
    asked = [call for call in calls if "info" not in call]
    assert sorted(asked) == ["GET /v1.41/containers/json", "GET /v1.41/images/json"]
    assert made.removeprefix("sha256:")[:12] in text_of(page)
    assert "image-017" in text_of(page)
    assert "image-020" not in text_of(page)
    assert "image-023" in text_of(admin_client.get("/images/?page=2"))
    assert "image-023" in text_of(admin_client.get("/images/?sort=-name"))


def test_hostile_labels_and_names_are_text(admin_client: Client, docker: APIClient) -> None:
    made = build(docker, "odd:1", ['LABEL x="<script>alert(1)"', 'ENV A="<script>alert(2)"'])
    for path in ("/images/?search=script", f"/images/{made}/", f"/images/{made}/inspect/"):
        assert b"<script>alert" not in admin_client.get(path).content


def test_our_own_image_is_neither_listed_nor_reached(
    client: Client, docker: APIClient, make_container: ContainerMaker
) -> None:
    own = build(docker, "monkey:1", ["LABEL own=1"])
    make_container("monkey", image="monkey:1", labels={SELF_LABEL: "1"}, start=False)
    assert listed(client) == []
    for path in ("", "inspect/", "delete/"):
        assert client.get(f"/images/{own}/{path}").status_code == 403
    for path in ("", "/history"):
        assert client.get(f"/api/image/{own}{path}").status_code == 403
    assert client.delete(f"/api/image/{own}/delete?force=true").status_code == 403
    assert client.delete("/api/image/monkey:1/delete").status_code == 403
    assert docker.inspect_image("monkey:1")["Id"] == own


def test_an_image_that_a_job_works_with_is_shown_and_stays(client: Client) -> None:
    with engine() as docker, helper(docker, [], "a-job"):
        found = listed(client, search="container-monkey-empty")[0]
        assert (found["containers"], found["in_use_by"]) == (1, [])
        answer = client.delete(f"/api/image/{found['id']}/delete?force=true")
        assert answer.status_code == 409
        assert "A job works with the image container-monkey-empty:1" in answer.json()["error"]
        assert "a job" in text_of(client.get(f"/images/{found['id']}/"))


def test_an_engine_that_is_down_is_said_so(admin_client: Client, settings: Any) -> None:
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    for path in ("/images/", "/images/x/", "/api/images", "/api/image/x"):
        assert admin_client.get(path).status_code == 503


def test_who_has_not_signed_in_sees_nothing(stranger_client: Client, shop: dict) -> None:
    assert stranger_client.get("/images/").status_code == 302
    assert stranger_client.get("/api/images").status_code == 401

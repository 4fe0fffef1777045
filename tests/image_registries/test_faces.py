"""The pages and calls about registries, and who may see them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from images.models import Registry
from images.registries.services import SignIn, add_registry
from tests.image_registries.conftest import PASSWORD
from tests.registry import ADDRESS

pytestmark = pytest.mark.django_db(transaction=True)

BODY = {"address": ADDRESS, "username": "otto", "password": PASSWORD}


def post(client, body):
    return client.post("/api/registries", body, content_type="application/json")


def test_the_api_adds_lists_and_forgets(admin_client, guarded):
    added = post(admin_client, BODY)
    assert added.status_code == 201
    (listed,) = admin_client.get("/api/registries").json()["registries"]
    assert listed == added.json()
    assert (listed["address"], listed["username"], listed["readable"]) == (ADDRESS, "otto", True)
    assert listed["verified_at"].endswith("Z")
    assert PASSWORD not in added.content.decode()
    assert admin_client.delete(f"/api/registry/{listed['id']}").json() == {"success": True}
    assert admin_client.get("/api/registries").json() == {"registries": []}
    assert admin_client.delete(f"/api/registry/{listed['id']}").status_code == 404


def test_what_is_wrong_is_told(admin_client, guarded):
    refused = post(admin_client, BODY | {"password": "wrong-password"})
    assert (refused.status_code, refused.json()["code"]) == (400, "sign_in_refused")
    assert "wrong-password" not in refused.content.decode()
    guarded.stop()
    away = post(admin_client, BODY)
    assert (away.status_code, away.json()["code"]) == (502, "registry_unreachable")
    assert post(admin_client, BODY | {"unverified": True}).json()["verified_at"] is None
    assert post(admin_client, BODY | {"unverified": True}).status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"address": ADDRESS, "username": "otto"}, "password"),
        (BODY | {"address": "who/what"}, "address"),
        (BODY | {"username": ""}, "username"),
        (BODY | {"password": ["x"]}, "password"),
        (BODY | {"more": 1}, "more"),
        (BODY | {"unverified": "perhaps"}, "unverified"),
    ],
)
def test_bad_input_names_its_field(admin_client, engine, body, field):
    answer = post(admin_client, body)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert PASSWORD not in answer.content.decode()


def test_a_body_that_is_no_json_is_refused(admin_client):
    assert admin_client.post("/api/registries", BODY).status_code == 415


def test_the_pages_add_change_and_forget(admin_client, guarded):
    page = admin_client.get("/images/registries/").content.decode()
    assert "No registries yet" in page
    answer = admin_client.post("/images/registries/new/", BODY)
    assert answer["Location"] == "/images/registries/"
    page = admin_client.get("/images/registries/").content.decode()
    assert f"Signed in to {ADDRESS}" in page
    assert PASSWORD not in page
    key = Registry.objects.get().pk
    form = admin_client.get(f"/images/registries/{key}/edit/").content.decode()
    assert 'value="otto"' in form
    assert PASSWORD not in form
    kept = BODY | {"password": ""}
    assert admin_client.post(f"/images/registries/{key}/edit/", kept).status_code == 302
    assert admin_client.post(f"/images/registries/{key}/check/").status_code == 302
    assert (
        "Forget the sign-in"
        in admin_client.get(f"/images/registries/{key}/delete/").content.decode()
    )
    assert admin_client.post(f"/images/registries/{key}/delete/").status_code == 302
    assert not Registry.objects.exists()


def test_a_wrong_password_stands_beside_its_field(admin_client, guarded):
    answer = admin_client.post("/images/registries/new/", BODY | {"password": "wrong-password"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_password_error"' in page
    assert "wrong-password" not in page
    assert 'name="unverified"' not in page


def test_one_that_is_away_can_be_kept_after_it_was_tried(admin_client, registry):
    registry.stop()
    answer = admin_client.post("/images/registries/new/", BODY)
    assert answer.status_code == 422
    assert 'name="unverified"' in answer.content.decode()
    answer = admin_client.post("/images/registries/new/", BODY | {"unverified": "on"})
    assert answer.status_code == 302
    page = admin_client.get("/images/registries/").content.decode()
    assert "Saved without signing in" in page
    assert "Not checked" in page


def test_with_another_key_the_page_says_what_to_do(admin_client, guarded, otto, settings):
    key = add_registry(otto).pk
    settings.ENCRYPTION_KEY = "another" * 10
    page = admin_client.get("/images/registries/").content.decode()
    assert "can no longer be read; enter it again" in page
    (listed,) = admin_client.get("/api/registries").json()["registries"]
    assert listed["readable"] is False
    edited = admin_client.post(f"/images/registries/{key}/edit/", BODY | {"password": ""})
    assert edited.status_code == 422
    assert "can no longer be read" in edited.content.decode()
    assert admin_client.post(f"/images/registries/{key}/check/").status_code == 409


def test_what_is_gone_is_not_found(admin_client, engine):
    for address in ("edit/", "delete/"):
        assert admin_client.get(f"/images/registries/7/{address}").status_code == 404
    assert admin_client.post("/images/registries/7/check/").status_code == 404
    assert admin_client.get("/images/registries/x/edit/").status_code == 404
    assert admin_client.delete("/api/registry/x").status_code == 400


def test_a_name_is_no_markup(admin_client):
    Registry.objects.create(address="a.io", username="<script>x</script>", secret="x")
    page = admin_client.get("/images/registries/").content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_only_administrators_see_and_change_them(operator_client, stranger_client, guarded, otto):
    key = add_registry(otto).pk
    pages = ["", "new/", f"{key}/edit/", f"{key}/delete/"]
    for page in pages:
        assert operator_client.get(f"/images/registries/{page}").status_code == 403
        assert stranger_client.get(f"/images/registries/{page}").status_code == 302
    for act in ("check", "edit", "delete"):
        assert operator_client.post(f"/images/registries/{key}/{act}/").status_code == 403
    calls = [
        lambda client: client.get("/api/registries"),
        lambda client: post(client, BODY),
        lambda client: client.delete(f"/api/registry/{key}"),
    ]
    assert [call(operator_client).status_code for call in calls] == [403] * 3
    assert [call(stranger_client).status_code for call in calls] == [401] * 3
    assert Registry.objects.get().username == "otto"


def test_the_administration_lists_them_without_secrets(admin_client, guarded, otto):
    registry = add_registry(otto)
    for page in ("", f"{registry.pk}/change/"):
        content = admin_client.get(f"/admin/images/registry/{page}").content.decode()
        assert ADDRESS in content
        assert registry.secret not in content
        assert PASSWORD not in content


def test_a_page_costs_as_many_queries_for_many(admin_client):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            admin_client.get("/images/registries/")
        return len(seen)

    Registry.objects.create(address="a.io", username="a", secret="x")
    for_one = queries()
    for number in range(20):
        Registry.objects.create(address=f"a{number}.io", username="a", secret="x")
    assert queries() == for_one


def test_signing_in_as_otto_is_what_is_tried(guarded):
    add_registry(SignIn(ADDRESS, "  otto ", PASSWORD))
    assert Registry.objects.get().username == "otto"

"""The pages and calls of export and import."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient

from accounts.models import AuditEntry
from tests import images
from tests.engine_calls import recorded_calls
from tests.image_transfer.conftest import described, saved

pytestmark = pytest.mark.django_db(transaction=True)


def upload(client, content: bytes, address: str = "/api/images/import", name: str = "shop.tar"):
    return client.post(address, {"file": SimpleUploadedFile(name, content)})


@pytest.fixture
def shop(docker) -> bytes:
    images.build(docker, "shop:1", ["LABEL a=b"])
    return saved(docker, "shop:1")


# Import


def test_the_api_tells_what_it_loaded(admin_client, docker, shop):
    made = docker.inspect_image("shop:1")["Id"]
    docker.remove_image("shop:1")
    answer = upload(admin_client, shop)
    assert answer.status_code == 201
    (image,) = answer.json()["images"]
    assert (image["id"], image["tags"], image["is_new"]) == (made, ["shop:1"], True)
    assert answer.json()["moved"] == []


def test_the_page_loads_it_without_scripts(admin_client, docker, shop):
    docker.remove_image("shop:1")
    assert "Import images" in admin_client.get("/images/import/").content.decode()
    answer = upload(admin_client, shop, "/images/import/")
    assert answer.status_code == 302
    assert "Imported shop:1" in admin_client.get(answer["Location"]).content.decode()
    assert docker.inspect_image("shop:1")


def test_what_is_wrong_stands_beside_the_file(admin_client, engine):
    answer = upload(admin_client, b"<b>x</b>" * 1000, "/images/import/", "<b>.tar")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'id="id_file_error"' in page
    assert "<b>" not in page.partition("<main")[2].replace("<b class", "")
    told = upload(admin_client, b"x" * 1000).json()
    assert "no tar" in told["fields"]["file"]


def test_of_two_files_none_is_loaded(admin_client, docker, shop):
    docker.remove_image("shop:1")
    two = [SimpleUploadedFile(name, shop) for name in ("one.tar", "two.tar")]
    answer = admin_client.post("/api/images/import", {"file": two})
    assert (answer.status_code, answer.json()["fields"]) == (400, {"file": "must be one file"})
    assert not docker.images("shop:1")


def test_an_engine_that_is_away_is_no_fault_of_the_file(admin_client):
    answer = upload(admin_client, b"x" * 1000, "/images/import/")
    assert answer.status_code == 503
    assert "cannot be reached" in answer.content.decode()


def test_a_form_without_a_file_says_so(admin_client, engine):
    assert admin_client.post("/images/import/", {"a": "b"}).status_code == 422
    assert admin_client.post("/api/images/import", {"a": "b"}).json()["fields"] == {
        "file": "is missing"
    }
    json_body = admin_client.post("/api/images/import", {"a": "b"}, content_type="application/json")
    assert json_body.status_code == 415


def test_strangers_are_refused(stranger_client, docker, shop):
    docker.remove_image("shop:1")
    assert upload(stranger_client, shop).status_code == 401
    assert upload(stranger_client, shop, "/images/import/").status_code == 302
    assert stranger_client.get("/api/images/export?ids=busybox:test").status_code == 401
    assert not [row for row in docker.images() if "shop:1" in (row["RepoTags"] or [])]


# Export


async def downloaded(user, address: str):
    client = AsyncClient()
    await client.aforce_login(user)
    answer = await client.get(address)
    if not answer.streaming:
        return answer, answer.content
    return answer, b"".join([piece async for piece in answer.streaming_content])


@pytest.mark.parametrize("address", ["/images/export/?id=", "/api/images/export?ids="])
async def test_an_image_comes_out_as_docker_save_has_it(admin, docker, shop, address):
    answer, content = await downloaded(admin, f"{address}shop:1")
    assert answer["Content-Disposition"] == 'attachment; filename="shop-1.tar"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert described(content) == described(shop)


async def test_by_its_id_it_has_all_its_names(admin, docker, shop):
    docker.tag("shop:1", "shop", "newest")
    made = docker.inspect_image("shop:1")["Id"]
    for reference in (made, made.removeprefix("sha256:")[:12]):
        _, content = await downloaded(admin, f"/images/export/?id={reference}")
        assert sorted(described(content)[0]["RepoTags"]) == ["shop:1", "shop:newest"]


async def test_one_without_a_name_is_called_by_its_id(admin, docker, shop):
    made = docker.inspect_image("shop:1")["Id"]
    images.build(docker, "shop:1", ["LABEL other=1"])
    answer, content = await downloaded(admin, f"/images/export/?id={made}")
    assert f"image-{made[7:19]}.tar" in answer["Content-Disposition"]
    assert described(content)[0]["RepoTags"] is None


@pytest.mark.parametrize(
    "query",
    ["/images/export/?id=shop:1&id=shop:2", "/api/images/export?ids=shop:1,shop:2"],
)
async def test_several_come_out_in_one(admin, docker, shop, query):
    images.build(docker, "shop:2", ["LABEL a=2"])
    answer, content = await downloaded(admin, query)
    assert answer["Content-Disposition"] == 'attachment; filename="shop-1-and-1-more.tar"'
    assert sorted(each["RepoTags"][0] for each in described(content)) == ["shop:1", "shop:2"]


async def test_what_came_out_goes_in_again(admin, docker, shop):
    made = docker.inspect_image("shop:1")["Id"]
    _, content = await downloaded(admin, "/images/export/?id=shop:1")
    docker.remove_image("shop:1")
    docker.load_image(io.BytesIO(content).read())
    assert docker.inspect_image("shop:1")["Id"] == made


def test_it_is_in_the_audit_trail(admin_client, docker, shop):
    admin_client.get("/images/export/?id=shop:1").close()
    assert list(AuditEntry.objects.values_list("action", "target", "result", "username")) == [
        ("image.export", "shop:1", "done", "ada")
    ]


@pytest.mark.parametrize("reference", ["nothing:1", "../../x", "a b", "%00", "sha", "ünder", "-"])
def test_what_is_not_there_is_not_found(operator_client, docker, shop, reference):
    assert operator_client.get("/images/export/", {"id": reference}).status_code == 404
    told = operator_client.get("/api/images/export", {"ids": reference})
    assert (told.status_code, told.json()["code"]) == (404, "not_found")


def test_none_and_too_many_are_refused(operator_client, engine):
    assert operator_client.get("/images/export/").status_code == 400
    assert operator_client.get("/api/images/export").status_code == 400
    assert operator_client.get("/api/images/export?ids=").status_code == 400
    many = ",".join(f"a{number}" for number in range(101))
    assert operator_client.get(f"/api/images/export?ids={many}").json()["fields"].keys() == {"ids"}


def test_an_engine_that_is_away_is_said(operator_client, engine):
    engine.kill()
    assert operator_client.get("/images/export/?id=x").status_code == 503
    assert operator_client.get("/api/images/export?ids=x").json()["code"] == "engine_unreachable"


def test_calls_of_the_engine_do_not_grow_with_what_is_chosen(admin_client, docker, shop):
    for number in range(5):
        docker.tag("shop:1", "shop", f"tag{number}")

    def calls(*tags: str) -> int:
        with recorded_calls() as seen:
            admin_client.get("/images/export/", {"id": tags}).close()
        return len(seen)

    calls("shop:1")  # the first one asks for the Engine's version too
    assert calls(*[f"shop:tag{number}" for number in range(5)]) == calls("shop:1") == 2

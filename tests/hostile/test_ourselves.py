"""Our own container, volume, image and network: whatever is tried, they stay as they are."""

import io
import json
import re
import tarfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from engine.identity import JOB_LABEL, SELF_LABEL
from tests.hostile.ourselves import IMAGE, NAME, NETWORK, STACK, VOLUME
from tests.image_transfer.conftest import saved
from tests.images import build_small

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

JSON = "application/json"
REFUSED = {403, 409}
SENTENCE = "Container Monkey|There is a volume named"

Call = tuple[str, str, dict[str, Any] | None]

CONTAINER: list[Call] = [
    ("post", "/api/container/{}/start", None),
    ("post", "/api/container/{}/stop", {}),
    ("post", "/api/container/{}/restart", {}),
    ("post", "/api/container/{}/pause", None),
    ("post", "/api/container/{}/unpause", None),
    ("post", "/api/container/{}/kill", {"signal": "TERM"}),
    ("post", "/api/container/{}/rename", {"name": "other"}),
    ("delete", "/api/container/{}/delete?force=true&volumes=true", None),
    ("post", "/api/container/{}/exec", {"command": ["cat", "/data/secret.key"]}),
    ("post", "/api/container/{}/redeploy", {"pull": False}),
    ("post", "/api/container/{}/redeploy", {"pull": False, "dry_run": True}),
    ("post", "/api/backup/{}", {}),
    ("post", f"/api/network/{NETWORK}/disconnect", {"container": "{}", "force": True}),
    ("post", "/api/network/bridge/connect", {"container": "{}"}),
]
CONTAINER_PAGES: list[Call] = [
    ("post", "/containers/{}/start/", {}),
    ("post", "/containers/{}/stop/", {}),
    ("post", "/containers/{}/restart/", {}),
    ("post", "/containers/{}/pause/", {}),
    ("post", "/containers/{}/unpause/", {}),
    ("post", "/containers/{}/kill/", {"signal": "SIGTERM"}),
    ("post", "/containers/{}/rename/", {"name": "other"}),
    ("post", "/containers/{}/delete/", {"force": "on", "volumes": "on"}),
    ("post", "/containers/{}/redeploy/", {}),
    ("post", "/backups/create/{}/", {"consistency": "none"}),
    ("post", f"/networks/-/disconnect/?network={NETWORK}&container={{}}", {}),
]
READING: list[Call] = [
    ("get", "/api/container/{}/details", None),
    ("get", "/api/container/{}/logs", None),
    ("get", "/api/container/{}/stats", None),
    ("get", "/containers/{}/", None),
    ("get", "/containers/{}/inspect/", None),
    ("get", "/containers/{}/environment/", None),
    ("get", "/containers/{}/logs/", None),
    ("get", "/containers/{}/logs/download/", None),
    ("get", "/containers/{}/stats/", None),
    ("get", "/console/{}", None),
    ("get", f"/volumes/{VOLUME}/", None),
]
"""Looking at our container is refused unless it is shown."""

VOLUMES: list[Call] = [
    ("delete", f"/api/volume/{VOLUME}/delete?force=true", None),
    ("get", f"/api/volume/{VOLUME}/explore", None),
    ("get", f"/api/volume/{VOLUME}/file?path=/secret.key", None),
    ("get", f"/api/volume/{VOLUME}/download?path=/secret.key", None),
    ("get", f"/api/volume/{VOLUME}/download?path=/", None),
    ("post", f"/api/volume/{VOLUME}/folder", {"name": "new"}),
    ("post", f"/api/volume/{VOLUME}/rename", {"path": "/secret.key", "to": "/other"}),
    ("post", f"/api/volume/{VOLUME}/delete-files", {"paths": ["/secret.key"]}),
    ("post", f"/api/volume/{VOLUME}/backup", {}),
    ("post", f"/api/volume/{VOLUME}/clone", {"new_name": "copy"}),
    ("post", f"/api/volume/{VOLUME}/clone", {"new_name": "copy", "dry_run": True}),
    ("post", "/api/volumes/create", {"name": VOLUME}),
]
VOLUME_PAGES: list[Call] = [
    ("post", f"/volumes/{VOLUME}/delete/", {}),
    ("get", f"/volumes/{VOLUME}/files/", None),
    ("get", f"/volumes/{VOLUME}/files/shown/?path=/secret.key", None),
    ("get", f"/volumes/{VOLUME}/files/picture/?path=/secret.key", None),
    ("post", f"/volumes/{VOLUME}/files/new-folder/?path=/", {"name": "new"}),
    ("post", f"/volumes/{VOLUME}/files/rename/?path=/secret.key", {"name": "other"}),
    ("post", f"/volumes/{VOLUME}/files/delete/?path=/secret.key", {}),
    ("post", f"/volumes/{VOLUME}/clone/", {"new_name": "copy", "consistency": "none"}),
    ("post", f"/volumes/{VOLUME}/backup/", {"consistency": "none"}),
]
IMAGES: list[Call] = [
    ("delete", "/api/image/{}/delete?force=true", None),
    ("post", "/api/image/{}/tag", {"repository": "mine", "tag": "1"}),
    ("post", f"/api/image/{'{}'}/tag", {"repository": "monkey", "tag": "2", "move": True}),
]
IMAGE_PAGES: list[Call] = [
    ("post", "/images/{}/delete/", {"force": "on"}),
    ("post", "/images/{}/untag/", {"name": "monkey:newest"}),
    ("post", "/images/{}/tag/", {"repository": "mine", "tag": "1"}),
]
NETWORKS: list[Call] = [
    ("delete", "/api/network/{}/delete", None),
    ("post", "/networks/{}/delete/", {}),
]


@pytest.fixture(params=[False, True], ids=["hidden", "shown"])
def shown(request: pytest.FixtureRequest, settings: Any) -> bool:
    """With and without CONTAINERMONKEY_SHOW_SELF."""
    settings.SHOW_SELF = request.param
    return request.param


def send(client: Client, call: Call, reference: str = "") -> Any:
    method, path, body = call
    path = path.replace("{}", reference)
    if path.startswith("/api/"):
        filled = None if body is None else json.dumps(body).replace('"{}"', f'"{reference}"')
        return getattr(client, method)(path, filled or "", content_type=JSON)
    return getattr(client, method)(path, body or {}, follow=True)


def names_of(full: str) -> list[str]:
    return [full, full[:12], full[:5]]


def refused(client: Client, calls: list[Call], references: list[str]) -> None:
    """Every call, with every reference, is refused with a sentence."""
    wrong = []
    for call in calls:
        for reference in references:
            answer = send(client, call, reference)
            text = getattr(answer, "content", b"").decode(errors="replace")
            if answer.status_code not in REFUSED or not re.search(SENTENCE, text):
                wrong.append(f"{call[:2]} {reference[:12]}: {answer.status_code} {text[:300]}")
    assert not wrong, "\n".join(wrong)


def test_our_container_is_out_of_reach(admin_client, untouched, shown):
    references = [NAME, *names_of(untouched.container)]
    refused(admin_client, CONTAINER, references)
    refused(admin_client, CONTAINER_PAGES, references[:2])


def test_our_container_is_looked_at_only_where_it_is_shown(admin_client, untouched, shown):
    statuses = {send(admin_client, call, NAME).status_code for call in READING}
    assert statuses == ({200} if shown else {403})


def test_our_volume_is_out_of_reach(admin_client, untouched, shown):
    refused(admin_client, [*VOLUMES, *VOLUME_PAGES], [""])
    file = SimpleUploadedFile("secret.key", b"another")
    upload = f"/api/volume/{VOLUME}/upload?path=/&overwrite=true"
    assert admin_client.post(upload, {"file": file}).status_code == 403
    page = f"/volumes/{VOLUME}/files/upload/?path=/"
    assert admin_client.post(page, {"file": file, "overwrite": "on"}).status_code == 403


def test_our_image_is_out_of_reach(admin_client, untouched, shown):
    short = untouched.image.removeprefix("sha256:")
    references = [IMAGE, "monkey:newest", untouched.image, short[:12], short[:5]]
    refused(admin_client, [*IMAGES, *IMAGE_PAGES], references)


def test_no_other_image_gets_our_images_name(admin_client, untouched, shown):
    build_small(untouched.docker, "other:1")
    body = {"repository": "monkey", "tag": "1", "move": True}
    refused(admin_client, [("post", "/api/image/other:1/tag", body)], [""])
    refused(admin_client, [("post", "/images/other:1/tag/", {**body, "move": "on"})], [""])


def test_an_import_that_brings_another_image_of_our_name_is_taken_back(
    admin_client, untouched, shown
):
    docker = untouched.docker
    build_small(docker, "other:1")
    docker.tag("other:1", "harmless", "1")
    content = renamed(saved(docker, "other:1", "harmless:1"), {"other:1": IMAGE})
    docker.remove_image("other:1")
    docker.remove_image("harmless:1")
    answer = admin_client.post("/api/images/import", {"file": io.BytesIO(content)})
    assert answer.status_code == 403, answer.content
    assert f"another image named {IMAGE}" in answer.json()["error"]
    assert {tag for row in docker.images() for tag in row["RepoTags"]} >= {IMAGE, "monkey:newest"}
    assert docker.images("harmless") == docker.images("other") == []


def renamed(tar: bytes, names: dict[str, str]) -> bytes:
    """What `docker save` writes, with other names for its images."""
    target = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(tar)) as source,
        tarfile.open(fileobj=target, mode="w") as made,
    ):
        for entry in source:
            if entry.name in ("index.json", "oci-layout", "repositories"):
                continue  # the manifest alone says then what there is
            file = source.extractfile(entry) if entry.isfile() else None
            content = file.read() if file else b""
            if entry.name == "manifest.json":
                described = json.loads(content)
                for each in described:
                    each["RepoTags"] = [names.get(tag, tag) for tag in each["RepoTags"]]
                content = json.dumps(described).encode()
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content) if file else None)
    return target.getvalue()


def test_our_network_is_out_of_reach(admin_client, untouched, shown):
    refused(admin_client, NETWORKS, [NETWORK, *names_of(untouched.network)])


def test_nothing_of_ours_goes_with_several(admin_client, untouched, shown):
    def errors(path: str, body: dict[str, Any]) -> list[str | None]:
        answer = admin_client.post(path, body, JSON)
        assert answer.status_code == 200, answer.content
        return [result["error"] for result in answer.json()["results"]]

    ids = [NAME, untouched.container, untouched.container[:12]]
    for action in ("start", "stop", "restart", "pause", "unpause", "kill", "delete", "backup"):
        found = errors("/api/containers/bulk", {"action": action, "ids": ids, "force": True})
        assert found == [found[0]] * 3 and "Container Monkey" in str(found[0]), action
    assert all(errors("/api/volumes/delete", {"names": [VOLUME], "force": True}))
    assert all(errors("/api/images/delete", {"ids": [IMAGE, untouched.image], "force": True}))
    assert all(errors("/api/networks/delete", {"ids": [NETWORK, untouched.network]}))
    admin_client.post("/containers/-/bulk/", {"action": "stop", "id": ids})
    admin_client.post("/containers/-/bulk/", {"action": "delete", "id": ids, "confirmed": "1"})
    admin_client.post("/volumes/-/delete/", {"id": VOLUME, "confirmed": "1"})
    admin_client.post("/images/-/delete/", {"id": untouched.image, "confirmed": "1"})
    admin_client.post("/networks/-/delete/", {"id": untouched.network, "confirmed": "1"})


def test_nothing_of_ours_is_cleaned_up(admin_client, untouched, shown):
    """Our container stands still meanwhile: a stopped one's parts look as if nobody used them."""
    posts = [
        ("/api/volumes/prune", {"all": True}),
        ("/api/networks/prune", {}),
        ("/api/networks/prune", {"ids": [untouched.network]}),
        ("/api/cleanup/dangling-images", {}),
        ("/api/cleanup/temp-containers", {}),
    ]
    for path, body in posts:
        answer = admin_client.post(path, body, JSON)
        assert answer.status_code == 200, (path, answer.content)
    admin_client.post("/volumes/-/prune/?all=1", {"id": VOLUME})
    admin_client.post("/networks/-/prune/", {"id": untouched.network})
    admin_client.post("/images/-/unused/", {})
    admin_client.post("/images/-/dangling/", {})
    admin_client.post("/system/clean-up/", {})


def test_our_stack_goes_on_around_us(admin_client, untouched, shown):
    """The other parts of the stack are acted on as they are asked to be."""
    for act, body in (("stop", {}), ("restart", {}), ("start", None)):
        admin_client.post(f"/api/stack/{STACK}/{act}", body or "", JSON)
    deploy = {"name": STACK, "compose": "services: {web: {image: busybox:test}}"}
    for extra in ({}, {"dry_run": True}, {"remove_orphans": True}):
        answer = admin_client.post("/api/stacks/deploy", deploy | extra, JSON)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    answer = admin_client.post("/api/stacks/bulk", {"action": "delete", "names": [STACK]}, JSON)
    assert answer.status_code in (200, 404)
    admin_client.delete(f"/api/stack/{STACK}/delete?volumes=true")


COMPOSE_FILES = {
    "our volume": {"volumes": [f"{VOLUME}:/x"]},
    "our folder": {"volumes": ["{folder}:/x"]},
    "a part of our folder": {"volumes": ["{folder}/secret.key:/x"]},
    "our volumes": {"volumes_from": [f"container:{NAME}:ro"]},
    "our processes": {"pid": f"container:{NAME}"},
    "our memory": {"ipc": "container:{id}"},
    "our network": {"network_mode": "container:{short}"},
    "our label": {"labels": {SELF_LABEL: "1"}},
    "a job's label": {"labels": [f"{JOB_LABEL}=1"]},
    "our name": {"container_name": NAME},
}


def test_a_compose_file_gets_nothing_of_ours(admin_client, untouched, busybox):
    for asked, words in COMPOSE_FILES.items():
        described = json.dumps(words)
        for name, value in {
            "{folder}": str(untouched.folder),
            "{id}": untouched.container,
            "{short}": untouched.container[:12],
        }.items():
            described = described.replace(name, value)
        service = {"image": busybox, "command": "sleep 1000"} | json.loads(described)
        volumes = {VOLUME: {"external": True}} if asked == "our volume" else {}
        compose = {"services": {"web": service}, "volumes": volumes}
        body = {"name": "shop", "compose": json.dumps(compose)}
        refusal = admin_client.post("/api/stacks/deploy", body, JSON)
        assert refusal.status_code == 409, (asked, refusal.content)
        assert len(refusal.json()["conflicts"]) == 1, (asked, refusal.content)


def test_no_schedule_covers_us(admin_client, untouched, shown):
    wanted = {"name": "all", "expression": "30 2 * * *", "covers": "everything"}
    made = admin_client.post("/api/schedules", wanted, JSON)
    assert made.status_code == 201, made.content
    key = made.json()["id"]
    covered = admin_client.get(f"/api/schedule/{key}/preview").content.decode()
    assert NAME not in covered

"""A small house to look at: something of everything that the program has a page for."""

import os
from pathlib import Path
from typing import Any

from docker import APIClient
from playwright.sync_api import APIRequestContext, Page

from tests import images
from tests.arrange import ContainerMaker
from tests.backups.sets.shop import make_shop
from tests.browser import sign_in
from tests.registry import ADDRESS, Registry
from tests.stacks.deploy.files import SIMPLE, STACK
from tests.volumes.files.conftest import PIXEL
from tests.waiting import wait_for

PASSWORD = "a-secret-word"
COMPOSE = SIMPLE.replace("8085", "8086")
LONG = "a-name-that-somebody-has-made-up-and-that-does-not-end-" + "long" * 10
FREE_NETWORK = f"net-{LONG}"[:60]
LONGEST_JOB = 180.0
"""Seconds: most take one, but not on a machine that is busy."""
ENDED = {"complete", "failed", "cancelled", "interrupted"}


class House:
    """What was put on an Engine, and into the program that looks at it."""

    def __init__(self, docker: APIClient, registry: Registry, page: Page) -> None:
        self.docker, self.registry, self.page = docker, registry, page

    def furnish(self) -> None:
        """Make everything; sign the page's browser in."""
        make_container = ContainerMaker(self.docker)
        make_shop(self.docker, make_container)
        self.make_images()
        self.make_volumes()
        pool = {"Subnet": "10.90.0.0/16", "Gateway": "10.90.0.1"}
        ipam = {"Driver": "default", "Config": [pool]}
        labels = {"tier": "front"}
        self.docker.create_network("front", ipam=ipam, labels=labels, attachable=True)
        self.docker.create_network(FREE_NETWORK)
        make_container("gallery", host={"binds": ["photos:/photos"]})
        make_container(LONG[:60], start=False)
        self.docker.connect_container_to_network("gallery", "front")
        self.registry.require("otto", PASSWORD)
        sign_in(self.page)
        token = self.requests.get("/api/auth-status").json()["csrf_token"]
        self.headers = {"X-CSRFToken": token}
        self.work()

    @property
    def requests(self) -> APIRequestContext:
        return self.page.context.request

    def make_images(self) -> None:
        image = images.ensure_busybox(self.docker)
        self.docker.tag(image, "ghcr.io/an-organisation/with/a-name-that-is-rather-long", "v2.31.7")
        images.build(self.docker, "gone:1", files={"first": b"1"})
        images.build(self.docker, "gone:1", ["ENV TOKEN=secret", "EXPOSE 80/tcp"], {"a": b"2"})

    def make_volumes(self) -> None:
        self.docker.create_volume(f"left-{LONG}"[:70], labels={"purpose": "none any more"})
        self.docker.create_volume()
        root = Path(self.docker.create_volume("photos")["Mountpoint"])
        (root / "2024" / "summer").mkdir(parents=True)
        (root / "settings.yaml").write_text("# of the gallery\nname: photos\nsize: 12\n")
        (root / "first.png").write_bytes(PIXEL)
        (root / "notes.txt").write_text("nothing\n" * 40)
        (root / f"{LONG}.jpg").write_bytes(os.urandom(2000))
        (root / "unknown").write_bytes(bytes(range(256)))

    def work(self) -> None:
        """Have the program do what there are pages about."""
        sign = {"address": ADDRESS, "username": "otto", "password": PASSWORD}
        self.post("/api/registries", sign)
        self.finish("/api/stacks/deploy", {"name": STACK, "compose": COMPOSE})
        self.finish("/api/stacks/deploy", {"name": STACK, "compose": COMPOSE, "env": "GREETING=ho"})
        self.finish("/api/stack/shop/backup", {})
        self.finish("/api/volume/photos/backup", {})
        self.finish("/api/backup/gallery", {})
        self.post("/api/network/front/backup", {})
        self.post("/api/users", {"username": "otto", "role": "viewer"})
        token = {"name": f"script {LONG}"[:100], "role": "operator", "expires_in_days": 30}
        self.post("/api/tokens", token)
        self.post(
            "/api/schedules",
            {"name": "nightly", "expression": "30 2 * * *", "keep_daily": 7, "enabled": False},
        )

    def post(self, address: str, body: dict[str, Any]) -> Any:
        answer = self.requests.post(address, data=body, headers=self.headers)
        assert answer.ok, f"{address}: {answer.text()}"
        return answer.json()

    def finish(self, address: str, body: dict[str, Any]) -> None:
        """Ask for a job and wait for its end."""
        job = self.post(address, body)["progress_id"]

        def ended() -> str:
            told = self.requests.get(f"/api/backup-progress/{job}").json()
            return told["status"] if told["status"] in ENDED else ""

        status = wait_for(ended, f"the job of {address}", LONGEST_JOB)
        assert status == "complete", f"{address}: {status}"

    def addresses(self) -> list[str]:
        """The pages of everything that there is, and what they ask.

        Of several that have one template, one is enough.
        """
        backups = self.requests.get("/api/backups").json()["backups"]
        of_container, of_member, of_volume = (
            next(backup for backup in backups if test(backup))
            for test in (
                lambda backup: backup["container_name"] == "gallery",
                lambda backup: backup["set_id"],
                lambda backup: backup["kind"] == "volume",
            )
        )
        filename = of_container["filename"]
        anonymous = next(
            volume["Name"]
            for volume in self.docker.volumes()["Volumes"]
            if len(volume["Name"]) == len("0" * 64)
        )
        network = self.docker.inspect_network("front")["Id"]
        return [
            "/volumes/",
            "/volumes/?search=nothing",
            "/volumes/-/new/",
            "/volumes/-/prune/?all=1",
            "/volumes/photos/",
            f"/volumes/{anonymous}/",
            "/volumes/photos/clone/",
            "/volumes/photos/backup/",
            "/volumes/photos/files/",
            "/volumes/photos/files/?path=/2024/summer",
            "/volumes/photos/files/shown/?path=/settings.yaml",
            "/volumes/photos/files/shown/?path=/first.png",
            "/volumes/photos/files/shown/?path=/unknown",
            "/volumes/photos/files/upload/?path=/",
            "/volumes/photos/files/rename/?path=/notes.txt",
            "/volumes/photos/files/delete/?path=/notes.txt&path=/2024",
            "/images/",
            "/images/busybox:test/",
            "/images/busybox:test/inspect/",
            "/images/busybox:test/tag/",
            "/images/gone:1/delete/",
            "/images/-/dangling/",
            "/images/-/unused/",
            "/images/pull/",
            "/images/import/",
            "/images/registries/",
            "/images/registries/new/",
            "/networks/",
            "/networks/new/",
            f"/networks/{network}/",
            f"/networks/-/connect/?network={network}",
            f"/networks/-/disconnect/?network={network}&container=gallery",
            "/networks/-/prune/",
            "/backups/networks/upload/",
            "/stacks/",
            f"/stacks/{STACK}/",
            f"/stacks/{STACK}/logs/",
            f"/stacks/{STACK}/delete/",
            f"/stacks/{STACK}/backup/",
            f"/stacks/{STACK}/redeploy/",
            "/stacks/-/deploy/",
            f"/stacks/{STACK}/deploy/",
            f"/stacks/{STACK}/deployments/",
            f"/stacks/{STACK}/deployments/2/",
            f"/stacks/{STACK}/deployments/2/?against=1",
            f"/stacks/{STACK}/deployments/forget/",
            "/backups/",
            "/backups/upload/",
            "/backups/coverage/",
            "/backups/delete-all/",
            f"/backups/{filename}/",
            f"/backups/{filename}/restore/",
            f"/backups/{filename}/rehearse/",
            f"/backups/{of_volume['filename']}/restore/",
            f"/backups/sets/{of_member['set_id']}/",
            f"/backups/sets/{of_member['set_id']}/restore/",
            "/backups/schedules/",
            "/backups/schedules/new/",
            "/backups/schedules/1/",
            "/backups/forget/",
            "/jobs/",
            "/containers/",
            "/containers/gallery/",
            "/containers/gallery/logs/",
            "/containers/gallery/stats/",
            "/containers/gallery/inspect/",
            "/containers/gallery/redeploy/",
            "/containers/gallery/delete/",
            "/",
            "/search/?search=gallery",
            "/search/?search=galery",
            "/statistics/",
            "/statistics/?view=table",
            "/events/",
            "/system/check/",
            "/system/clean-up/",
            "/system/disk/",
            "/accounts/users/",
            "/accounts/users/new/",
            "/accounts/users/1/",
            "/accounts/users/1/access/second-factor/",
            "/accounts/users/2/password/",
            "/accounts/users/2/delete/",
            "/accounts/password/",
            "/accounts/audit/",
            "/accounts/audit/1/",
            "/accounts/sessions/",
            "/accounts/second-factor/",
            "/accounts/second-factor/set-up/",
            "/accounts/second-factor/recovery/",
            "/accounts/second-factor/confirm/",
            "/accounts/tokens/",
            "/accounts/tokens/new/",
        ]

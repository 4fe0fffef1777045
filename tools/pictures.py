"""Takes the README's pictures from the real program: `.venv/bin/python -m tools.pictures`.

A private Engine with a few made-up containers, a real backup, and the pages as the browser shows
them. What comes out lies in `docs/pictures`.
"""

import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Any

from docker import APIClient
from playwright.sync_api import Page, sync_playwright

from tests.browser import launch, sign_in
from tests.images import ensure_busybox
from tests.private_engine import PrivateEngine
from tests.site import Site, migrated_data

TARGET = Path(__file__).resolve().parent.parent / "docs" / "pictures"
SECOND = 1_000_000_000
HEALTHY = {"test": ["CMD", "true"], "interval": SECOND, "timeout": SECOND, "retries": 1}
UNHEALTHY = HEALTHY | {"test": ["CMD", "false"]}
PHOTOS = 40
PASSWORD = secrets.token_urlsafe()


def main() -> None:
    path = Path(tempfile.mkdtemp(prefix="pictures."))
    engine = PrivateEngine(path / "engine")
    site = Site(path / "data", DOCKER_HOST=engine.docker_host)
    try:
        engine.start()
        with engine.client() as docker:
            furnish(docker)
        migrated_data(site.data_dir)
        site.start()
        TARGET.mkdir(parents=True, exist_ok=True)
        take_all(site)
    finally:
        site.kill()
        engine.stop()
        shutil.rmtree(path, ignore_errors=True)


def furnish(docker: APIClient) -> None:
    """A small home server."""
    image = ensure_busybox(docker)
    for name, tag in (
        ("immich/server", "v2.3"),
        ("postgres", "17"),
        ("traefik", "v3.6"),
        ("gitea/gitea", "1.25"),
        ("vaultwarden/server", "1.34"),
        ("paperless/web", "2.19"),
    ):
        docker.tag(image, name, tag)
    make = Maker(docker)
    make("immich-server", "immich/server:v2.3", "immich", volume="photos", port=2283)
    make("immich-postgres", "postgres:17", "immich", volume="immich_pgdata")
    make("gitea", "gitea/gitea:1.25", "gitea", volume="gitea_data", port=3000)
    make("paperless-web", "paperless/web:2.19", "paperless", port=8000, health=UNHEALTHY)
    make("traefik", "traefik:v3.6", port=8080, health=None)
    make("vaultwarden", "vaultwarden/server:1.34", volume="vault", health=None)
    make("import-2019", "busybox:test", start=False, health=None)
    for volume in ("photos", "immich_pgdata", "gitea_data", "vault"):
        where = Path(docker.inspect_volume(volume)["Mountpoint"])
        for number in range(PHOTOS):
            folder = where / f"{2020 + number % 6}"
            folder.mkdir(exist_ok=True)
            (folder / f"file-{number:03}.dat").write_bytes(os.urandom(200_000))


class Maker:
    """Makes the containers of the pictures."""

    def __init__(self, docker: APIClient) -> None:
        self.docker = docker

    def __call__(
        self,
        name: str,
        image: str,
        project: str = "",
        *,
        volume: str = "",
        port: int = 0,
        health: dict[str, Any] | None = HEALTHY,
        start: bool = True,
    ) -> None:
        host = self.docker.create_host_config(
            init=True,
            binds=[f"{volume}:/data"] if volume else None,
            port_bindings={80: port} if port else None,
            restart_policy={"Name": "unless-stopped"},
        )
        labels = {"com.docker.compose.project": project, "com.docker.compose.service": name}
        made = self.docker.create_container(
            image,
            ["sleep", "100000"],
            name=name,
            ports=[80],
            host_config=host,
            environment={"TZ": "Europe/Berlin"},
            labels=labels if project else {},
            healthcheck=health,
        )
        if start:
            self.docker.start(made["Id"])


def take_all(site: Site) -> None:
    """Back two containers up, then picture each page."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for scheme, width, height in (("dark", 1440, 900), ("light", 390, 844)):
            context = browser.new_context(
                base_url=site.url,
                color_scheme=scheme,  # type: ignore[arg-type]
                viewport={"width": width, "height": height},
            )
            page = context.new_page()
            if scheme == "dark":
                change_password(page)
                filename = back_up(page, "gitea")
                back_up(page, "immich-server")
            sign_in(page, password=PASSWORD)
            for name, address in addresses(filename).items():
                page.goto(address)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=TARGET / f"{name}-{width}.png")
            context.close()
        browser.close()


def change_password(page: Page) -> None:
    """Do what everybody does first, so that no page has to warn of the default password."""
    sign_in(page)
    token = page.context.request.get("/api/auth-status").json()["csrf_token"]
    answer = page.context.request.post(
        "/api/change-password",
        headers={"X-CSRFToken": token},
        data={"current_password": "monkeydo", "new_password": PASSWORD},
    )
    if not answer.ok:
        raise RuntimeError(answer.text())


def back_up(page: Page, container: str) -> str:
    """Do what a person does, and wait for the end; the archive's name."""
    page.goto(f"/backups/create/{container}/")
    page.get_by_role("button", name="Back up", exact=True).click()
    link = page.locator("main a[href*='.tar.gz']").first
    link.wait_for(timeout=60_000)
    return (link.get_attribute("href") or "").strip("/").split("/")[-1]


def addresses(filename: str) -> dict[str, str]:
    return {
        "containers": "/containers/",
        "backups": "/backups/",
        "backup": f"/backups/{filename}/",
        "restore": f"/backups/{filename}/restore/",
    }


if __name__ == "__main__":
    main()

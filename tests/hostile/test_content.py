"""Whatever somebody names, labels or writes: it is shown, and it does nothing."""

import os
import re
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urljoin

from django.urls import reverse
from docker import APIClient
from playwright.sync_api import Dialog, Page

from tests import images
from tests.addresses import addresses
from tests.browser import Watch
from tests.hostile.host import (
    DEPLOYED,
    FILES,
    HARM,
    HARM_AS_NAME,
    MARK,
    PAGES,
    STACK,
    HostileHost,
)
from tests.hostile.walking import WRONG, Walk, as_part
from tests.registry import ADDRESS, Registry
from tests.site import Site
from tests.waiting import wait_for
from volumes.files.paths import spelled

PHONE: Any = {"width": 390, "height": 844}

NO_PAGES = re.compile(
    r"^(admin:|metrics$|healthz$|set_theme$|accounts:sign|containermonkey\.|api)|api-|openapi"
)
"""What is no page, and Django's own, which are walked through by themselves."""

OF_ADMIN = re.compile(r"^admin:\w+_(changelist|change|history|delete)$")
OF_A_ROW = re.compile(r"/\d+/change/$")
NO_PAGES_OF_USERS = {
    *("accounts:end_other_sessions", "accounts:end_session", "accounts:audit_export"),
    *("accounts:oidc", "accounts:oidc_return"),
}
"""What has no page of its own, or leads to a provider and back."""

SIDEWAYS = "it scrolls sideways"
"""What Django's own pages may: they are made for a desk."""

ATTACHED = re.compile(
    r"""attachment; filename(="(\\.|[^"\\\x00-\x1f])*"|\*=utf-8''[\w%!#$&+^`|~.-]+)"""
)

FOR_PROGRAMS = [
    *("/api/containers", "/api/container/victim/details", "/api/container/victim/logs"),
    *("/api/volumes", "/api/volume/victim/explore", "/api/volume/victim/file?path=/page.html"),
    *("/api/images", "/api/image/made:1", "/api/image/made:1/history", "/api/networks"),
    *("/api/network/front", "/api/stacks", "/api/backups", "/api/events", "/api/statistics"),
    *("/api/search?search=cm-mark", "/api/backup-coverage", "/api/dashboard-stats"),
]

NOT_LOOKED_AT = {
    # what takes posts alone
    *("backups:bulk", "backups:create_network", "backups:forget", "backups:scan"),
    *("backups:schedules:run", "backups:schedules:switch", "backups:seen_smaller"),
    *("backups:verify", "containers:bulk", "containers:pause", "containers:restart"),
    *("containers:start", "containers:stop", "containers:unpause", "images:delete_several"),
    *("images:newer", "jobs:cancel", "jobs:run_again", "networks:delete_several"),
    *("registries:check", "stacks:bulk", "stacks:deploy_again", "stacks:restart", "stacks:start"),
    *("stacks:stop", "volumes:count_sizes", "volumes:delete_several"),
    # what leads on to another
    "volumes:volumes.views.shortcut",
    # what every page asks for by itself
    "engine_state",
    # what there is only where a registry is signed in to: see `test_answers_of_registries`
    *("registries:delete", "registries:edit"),
}

OF_A_CONTAINER = [
    *("", "inspect/", "environment/", "logs/", "stats/", "rename/", "kill/", "delete/"),
    *("redeploy/",),
]
OF_A_STACK = ["", "logs/", "backup/", "redeploy/", "delete/"]
OF_A_USER = ["", "role/", "switch/", "password/", "rename/", "delete/"]
OF_ACCESS = ["sessions", "tokens", "second-factor"]
OF_A_FACTOR = ["", "set-up/", "recovery/", "off/", "confirm/"]
OF_A_FILE = ["upload", "new-folder", "rename", "delete", "picture"]


def test_every_page_shows_what_it_is_told_and_nothing_comes_of_it(
    page: Page, docker: APIClient, site: Site, watch: Watch
) -> None:
    """One test for all, because making such a host takes longer than looking at a page of it."""
    host = HostileHost(docker, site, page)
    host.furnish()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: noted(dialog, dialogs))
    watch.expect("the server responded with a status of")
    page.set_viewport_size(PHONE)
    walk = Walk(page, lambda view: not NO_PAGES.search(view))
    walk.through(begins(host))
    wrong = [*walk.wrong, *dialogs, *wrong_answers(host, walk.files)]
    assert not wrong, "\n".join(wrong)
    everything = {each.name for each in addresses() if not each.is_api}
    pages = {
        view
        for view in everything
        if not NO_PAGES.search(view) and not view.startswith("accounts:")
    }
    assert pages - walk.views == NOT_LOOKED_AT


def test_pages_of_users_and_of_django(
    page: Page, docker: APIClient, site: Site, watch: Watch
) -> None:
    """Names of people, browsers, tokens, and every row there is, as Django's admin shows it."""
    host = HostileHost(docker, site, page)
    host.enter()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: noted(dialog, dialogs))
    watch.expect("the server responded with a status of")
    watch.expect("Password forms should have")  # advice of the browser's
    host.have_people()
    host.write_into_the_database()
    host.have_a_job()
    walk = Walk(page, lambda view: view.startswith("accounts:"))
    for address in of_users(host):
        walk.takes(address, asked=True)
        list(walk.open(address))
    pages = {each.name for each in addresses() if each.name.startswith("accounts:")}
    assert {view for view in pages - walk.views if not NO_PAGES.search(view)} == NO_PAGES_OF_USERS
    behind = Walk(page, lambda view: bool(OF_ADMIN.search(view)))
    for each in lists_of_admin():
        rows = [link for link in behind.open(reverse(each)) if OF_A_ROW.search(link)]
        for link in rows[:1]:
            list(behind.open(urljoin(reverse(each), link)))
    wrong = [each for each in behind.wrong if SIDEWAYS not in each]
    assert not [*walk.wrong, *wrong, *dialogs]


def test_answers_of_registries(
    page: Page, docker: APIClient, site: Site, watch: Watch, registry: Registry
) -> None:
    """What a registry says of itself, of an image, and why it refuses."""
    watch.expect("the server responded with a status of")
    host = HostileHost(docker, site, page)
    host.enter()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: noted(dialog, dialogs))
    registry.require("otto", "a-secret-word")
    sign = {"address": ADDRESS, "username": "otto", "password": "a-secret-word"}
    host.post("/api/registries", sign)
    registry.say(HARM)
    refused = [host.ended("/api/images/pull", {"reference": f"{ADDRESS}/{MARK}:1"})]
    registry.deny()
    refused.append(host.ended("/api/images/pull", {"reference": f"{ADDRESS}/other:1"}))
    assert [told["status"] for told in refused] == ["failed"] * 2
    assert any(MARK in told["error"] for told in refused), refused
    walk = Walk(page, lambda view: view.startswith(("registries:", "jobs:", "pulling:")))
    wrong_address = host.requests.post(
        "/api/registries", data=sign | {"address": HARM}, headers=host.headers
    )
    assert wrong_address.status == 400
    key = host.requests.get("/api/registries").json()["registries"][0]["id"]
    page.goto("/images/registries/")
    page.locator(f"form[action='/images/registries/{key}/check/'] button").first.click()
    page.wait_for_load_state("networkidle")
    wrong = page.evaluate(WRONG, MARK)
    walk.through(
        ["/images/registries/", f"/images/registries/{key}/edit/", "/jobs/", "/images/pull/"]
    )
    assert not [*walk.wrong, *wrong, *dialogs]
    assert {"registries:edit", "registries:delete"} <= walk.views


def test_what_is_pushed_to_an_open_page(
    page: Page, docker: APIClient, site: Site, watch: Watch
) -> None:
    """Cards, rows, events and counts that come over sockets while somebody looks."""
    host = HostileHost(docker, site, page)
    images.ensure_busybox(docker)
    host.enter()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: noted(dialog, dialogs))
    wrong: list[str] = []
    for address, act, mark in (
        ("/jobs/", host.have_a_job, MARK),
        ("/containers/", host.make_labelled, MARK),
        ("/events/?since=1m", host.make_labelled, "pushed-"),
    ):
        page.goto(address)
        page.evaluate("window.isSame = true")
        before = said_on(page, mark)
        act()
        wait_for(partial(says_more, page, mark, before), f"more on {address}", 60)
        assert page.evaluate("window.isSame"), f"{address} was loaded anew"
        wrong += [f"{address}: {words}" for words in page.evaluate(WRONG, MARK)]
    assert not [*wrong, *dialogs]


def said_on(page: Page, mark: str) -> int:
    """How often a page says it; not counted is its head, where a job goes that was just told."""
    return page.get_by_role("main").inner_text().count(mark)


def says_more(page: Page, mark: str, before: int) -> bool:
    return said_on(page, mark) > before


def of_users(host: HostileHost) -> list[str]:
    harm, user = as_part(HARM), f"/accounts/users/{host.other}"
    return [
        *("/accounts/users/", "/accounts/users/new/", "/accounts/password/"),
        *(f"{user}/{each}" for each in OF_A_USER),
        *(f"{user}/access/{each}/" for each in OF_ACCESS),
        *(f"/accounts/second-factor/{each}" for each in OF_A_FACTOR),
        *("/accounts/sessions/", "/accounts/tokens/", "/accounts/tokens/new/"),
        "/accounts/tokens/1/delete/",
        f"/accounts/users/?search={harm}",
        *("/accounts/audit/", "/accounts/audit/1/"),
        f"/accounts/audit/?who={harm}&target={harm}&address={harm}",
    ]


def lists_of_admin() -> list[str]:
    return [each.name for each in addresses() if each.name.endswith("_changelist")]


def wrong_answers(host: HostileHost, files: list[str]) -> Iterator[str]:
    """What is wrong with the heads of files and of what is for programs."""
    paths = [as_part(f"/{spelled(os.fsdecode(name))}") for name in FILES]
    paths += [as_part(f"/{name}") for name in PAGES]
    downloads = [f"/api/volume/victim/download?path={path}" for path in [*paths, "%2F"]]
    for address in [*files, *downloads, *FOR_PROGRAMS]:
        answer = host.requests.get(address)
        heads = answer.headers
        disposition, kind = heads.get("content-disposition", ""), heads["content-type"]
        if not answer.ok or heads.get("x-content-type-options") != "nosniff":
            yield f"{address}: {answer.status}, {heads}"
        if address not in FOR_PROGRAMS and not ATTACHED.fullmatch(disposition):
            yield f"{address}: {disposition}"
        if not kind.startswith(("application/", "text/plain", "text/csv")):
            yield f"{address}: {kind}"


def noted(dialog: Dialog, dialogs: list[str]) -> None:
    dialogs.append(f"a dialog said {dialog.message}")
    dialog.dismiss()


def begins(host: HostileHost) -> list[str]:
    """What a harmless click leads to nowhere, and pages that no link leads to."""
    harm, name = as_part(HARM), as_part(HARM_AS_NAME)
    lists = ["containers", "images", "networks", "volumes", "backups", "search", "events"]
    files = [as_part(f"/{spelled(os.fsdecode(name))}") for name in FILES]
    shown = [as_part(f"/{name}") for name in PAGES]
    stack = as_part(STACK)
    return [
        "/",
        *(f"/{each}/?search={harm}&sort={harm}&page={harm}&status={harm}" for each in lists),
        *(f"/{each}/{name}/" for each in ("containers", "images", "networks", "volumes", "stacks")),
        f"/console/{name}",
        f"/{name}/{harm}",
        "/search/?search=cm-mark",
        "/statistics/?view=table",
        "/events/?search=victim",
        *(f"/containers/victim/{each}" for each in OF_A_CONTAINER),
        "/console/victim",
        "/backups/create/victim/",
        *(f"/stacks/{stack}/{each}" for each in OF_A_STACK),
        *(f"/volumes/victim/{each}" for each in ("", "clone/", "backup/", "files/")),
        *(f"/volumes/victim/files/{act}/?path={files[1]}" for act in OF_A_FILE),
        *(f"/volumes/victim/files/shown/?path={each}" for each in [*files, *shown]),
        "/volumes/elsewhere/",
        *(f"/images/made:1/{each}" for each in ("", "inspect/", "tag/", "delete/")),
        *(f"/stacks/{DEPLOYED}/deployments/{each}" for each in ("", "1/", "2/?against=1")),
        *(f"/stacks/{DEPLOYED}/{each}" for each in ("deploy/", "deployments/forget/")),
        f"/backups/{host.saved}/rehearse/",
        "/images/made:1/untag/?name=made:1",
        *(f"/images/-/{each}/" for each in ("dangling", "unused")),
        *(f"/system/{each}/" for each in ("disk", "coverage")),
        "/networks/front/",
        "/networks/front/delete/",
        "/networks/-/connect/?network=front",
        "/networks/-/disconnect/?network=front&container=victim",
    ]

"""A host on which everything that anybody can name, label or write is meant to do harm."""

import contextlib
import json
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from docker import APIClient
from playwright.sync_api import APIRequestContext, Page

from tests import images
from tests.arrange import ContainerMaker
from tests.browser import sign_in
from tests.site import Site
from tests.waiting import wait_for

MARK = "cm-mark"
STRIKE = "window.struck=1"
TURN = "\N{RIGHT-TO-LEFT OVERRIDE}"
HARM = (
    f"\"'><{MARK} onclick={STRIKE}>&lt;b&gt;<script>{STRIKE}</script>"
    f"<img src=x onerror={STRIKE}>{{{{7*7}}}}${{7*7}}{TURN}txt.exe\N{ZERO WIDTH SPACE}\x1b[31m"
)
"""Would be an element, run a script and turn the text round, wherever it is not made harmless."""

HARM_AS_NAME = HARM.replace("/", "").replace("\x1b", "")
LINK = f"javascript:{STRIKE}"
ELSEWHERE = f"https://elsewhere.example/{HARM}"
LONG = "long" * 80

STACK = f"stack{HARM_AS_NAME}"[:200]
DEPLOYED = "deployed"

LOG_LINES = [
    HARM.encode(),
    b"\x1b]8;;" + LINK.encode() + b"\x1b\\a link\x1b]8;;\x1b\\",
    b"\x1b]0;a title\x07\x1b[2J\x1b[31;1mred\x1b[0m \x1b[999999mnothing\x1b[",
    b"not utf-8: \xff\xfe\xc3\x28",
    f"{TURN}turned \N{LEFT-TO-RIGHT ISOLATE}and \u200b unseen".encode(),
    LONG.encode() * 50,
    b"nul\0 bell\x07 back\rover",
    ELSEWHERE.encode(),
]

FILES = [
    f"<img src=x onerror={STRIKE}>".encode(),
    f"\"'><{MARK}>".encode(),
    b"a line\nand another",
    f"harmless{TURN}gpj.exe".encode(),
    b"n" * 255,
    b"not-\xff\xfe-utf8.txt",
    LINK.encode(),
    b"http:elsewhere.example",
    b"it's `$(touch x)`; & \\ %2e%2e%2f #?x=1",
    b"\x1b[31mred",
    b"\\x41",
    b"-rf",
]
PAGES = {
    "page.html": f"<script>{STRIKE}</script><{MARK}>",
    "picture.svg": f'<svg xmlns="http://www.w3.org/2000/svg" onload="{STRIKE}"><{MARK}/></svg>',
    "style.css": f"/* {HARM} */ body {{ background: url({ELSEWHERE}) }}",
    "notes.md": f"# {HARM}\n[here]({LINK})\n",
}

LONGEST_JOB = 180.0
"""Seconds: most take one, but not on a machine that is busy."""
ENDED = {"complete", "failed", "cancelled", "interrupted"}


class HostileHost:
    """What was put on an Engine, and into the program that looks at it."""

    def __init__(self, docker: APIClient, site: Site, page: Page) -> None:
        self.docker, self.site, self.page = docker, site, page

    def furnish(self) -> None:
        """Make everything; sign the page's browser in."""
        images.ensure_busybox(self.docker)
        self.make_volume()
        self.make_network()
        self.make_container()
        self.make_image()
        self.enter()
        self.work()
        self.write_into_the_database()

    def enter(self) -> None:
        """Sign the page's browser in."""
        sign_in(self.page)
        token = self.requests.get("/api/auth-status").json()["csrf_token"]
        self.headers = {"X-CSRFToken": token}

    @property
    def other(self) -> int:
        """The key of somebody else's row."""
        with contextlib.closing(sqlite3.connect(self.site.database, timeout=20)) as connection:
            (key,) = connection.execute("SELECT max(id) FROM accounts_user").fetchone()
        return int(key)

    @property
    def saved(self) -> str:
        """The file of the container's backup."""
        backups = self.requests.get("/api/backups?kind=container").json()["backups"]
        return next(each["filename"] for each in backups if each["container_name"] == "victim")

    @property
    def requests(self) -> APIRequestContext:
        return self.page.context.request

    def make_volume(self) -> None:
        labels = {"note": HARM, HARM: "1", "link": LINK, "com.docker.compose.project": STACK}
        options = {"type": "nfs", "o": f"addr={HARM_AS_NAME}", "device": f":/{HARM}"}
        self.docker.create_volume("elsewhere", labels=labels, driver_opts=options)
        root = Path(self.docker.create_volume("victim", labels=labels)["Mountpoint"])
        inner = root / f"folder \"'><{MARK}>{TURN}"
        inner.mkdir()
        for folder in (root, inner):
            for name in FILES:
                (folder / os.fsdecode(name)).write_text(HARM)
        (root / "link").symlink_to(HARM)
        for name, content in PAGES.items():
            (root / name).write_text(content)
        (root / "log").write_bytes(b"\n".join(LOG_LINES) + b"\n")

    def make_network(self) -> None:
        self.docker.create_network(
            "front", labels={"note": HARM, HARM: LINK}, options={"note": HARM, HARM: "1"}
        )

    def make_container(self) -> None:
        labels = {
            "com.docker.compose.project": STACK,
            "com.docker.compose.service": HARM,
            "com.docker.compose.depends_on": HARM,
            "org.opencontainers.image.url": LINK,
            "note": HARM,
            HARM: LONG,
        }
        self.victim = ContainerMaker(self.docker)(
            "victim",
            command=["sh", "-c", "cat /data/log; exec sleep 1000", HARM],
            labels=labels,
            environment={"NOTE": HARM, HARM.replace("=", "-"): "1", "PLAIN": LONG},
            healthcheck={
                "test": ["CMD-SHELL", "cat /data/log; exit 1"],
                "interval": 1_000_000_000,
                "retries": 1,
            },
            working_dir=f"/{HARM_AS_NAME}"[:100],
            host={"binds": ["victim:/data"], "network_mode": "front", "init": True},
        )
        call = self.docker.exec_create(self.victim, ["sh", "-c", "exit 1", HARM])
        self.docker.exec_start(call["Id"])

    def make_image(self) -> None:
        self.docker.commit(
            self.victim, "made", "1", message=HARM, author=HARM, conf={"Cmd": ["echo", HARM]}
        )

    def work(self) -> None:
        """Have the program do what there are pages about."""
        service = {
            "image": "busybox:test",
            "command": ["sleep", "1000"],
            "labels": {"note": HARM, "link": LINK},
            "environment": {"NOTE": HARM},
        }
        compose = {"services": {"web": service}, "x-note": HARM}
        body = {"name": DEPLOYED, "compose": json.dumps(compose).replace("$", "$$")}
        self.finish("/api/stacks/deploy", {**body, "env": {"NOTE": HARM}})
        self.finish("/api/stacks/deploy", {**body, "env": {"NOTE": LONG}})
        self.finish("/api/backup/victim", {})
        self.finish("/api/volume/victim/backup", {})
        self.finish(f"/api/stack/{DEPLOYED}/backup", {})
        self.post("/api/network/front/backup", {})
        schedule = {"name": HARM_AS_NAME.replace(TURN, "")[:90], "expression": "30 2 * * *"}
        made = self.requests.post("/api/schedules", data=schedule, headers=self.headers)
        if not made.ok:  # a name that is not seen whole is refused
            self.post("/api/schedules", {**schedule, "name": f"<{MARK}>"})

    def write_into_the_database(self) -> None:
        """What no face takes, but an import or another program might have left."""
        with contextlib.closing(sqlite3.connect(self.site.database, timeout=20)) as connection:
            connection.execute("UPDATE accounts_user SET username = ? || id", [HARM])
            connection.execute("UPDATE accounts_session SET agent = ?", [HARM[:255]])
            connection.execute("UPDATE accounts_auditentry SET username = ?", [HARM])
            connection.execute(
                "UPDATE jobs_job SET subject = ?, status = 'failed', error = ?, log = ?"
                " WHERE kind = 'backup'",
                [HARM, HARM, HARM],
            )
            connection.commit()

    def post(self, address: str, body: dict[str, Any]) -> Any:
        answer = self.requests.post(address, data=body, headers=self.headers)
        assert answer.ok, f"{address}: {answer.text()}"
        return answer.json()

    def have_people(self) -> None:
        """Somebody else, and a token."""
        self.post("/api/users", {"username": "somebody", "role": "operator"})
        self.post("/api/tokens", {"name": f"<{MARK}>", "role": "viewer", "expires_in_days": 30})

    def have_a_job(self) -> None:
        """A job that runs, as one is seen whose container is called so."""
        with contextlib.closing(sqlite3.connect(self.site.database, timeout=20)) as connection:
            connection.execute(
                "INSERT INTO jobs_job (progress_id, kind, subject, arguments, status, committed,"
                " cancel_requested, undo, result, step, bytes_done, error, log, created_at)"
                " VALUES (?, 'backup', ?, '{}', 'waiting', 0, 0, '[]', '{}', ?, 0, '', '', ?)",
                [uuid4().hex, HARM[:200], HARM[:200], datetime.now(UTC).isoformat(" ")],
            )
            connection.commit()

    def make_labelled(self) -> None:
        """A container that runs, of a stack and with labels that mean harm."""
        labels = {"com.docker.compose.project": STACK, "com.docker.compose.service": HARM}
        ContainerMaker(self.docker)(
            f"pushed-{uuid4().hex[:6]}", labels={**labels, "note": HARM, HARM: LINK}
        )

    def finish(self, address: str, body: dict[str, Any]) -> None:
        """Ask for a job and wait for its end; it has to get through."""
        told = self.ended(address, body)
        assert told["status"] == "complete", f"{address}: {told}"

    def ended(self, address: str, body: dict[str, Any]) -> Any:
        """Ask for a job and wait for its end; what is told of it then."""
        job = self.post(address, body)["progress_id"]

        def ended() -> Any:
            told = self.requests.get(f"/api/backup-progress/{job}").json()
            return told if told["status"] in ENDED else None

        return wait_for(ended, f"the job of {address}", LONGEST_JOB)

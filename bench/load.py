"""Many people at once: some read page after page, some act, all signed in as themselves."""

import itertools
import json
import statistics
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.ground import Ground
from bench.server import Server

READERS, ACTORS = 50, 10
SECONDS = 120
THINKS = 3.0
"""Seconds between what a person has seen and what they ask for next."""

PAGES = (
    *("/", "/containers/", "/containers/load-1/", "/containers/load-2/logs/", "/stacks/"),
    *("/images/", "/volumes/", "/networks/", "/backups/", "/backups/coverage/", "/jobs/"),
    *("/statistics/", "/events/", "/search/?search=load", "/api/containers", "/api/system-stats"),
)
HEADINGS = ["60 people", "answers", "a second", "median", "99th of 100", "longest", "failed"]


@dataclass
class Tally:
    """What came of the requests of one kind; seconds each."""

    took: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def row(self, name: str, seconds: float) -> list[str]:
        return [
            name,
            f"{len(self.took):,}",
            f"{len(self.took) / seconds:.1f}",
            f"{statistics.median(self.took) * 1000:.0f} ms",
            f"{statistics.quantiles(self.took, n=100)[98] * 1000:.0f} ms",
            f"{max(self.took) * 1000:.0f} ms",
            f"{len(self.failures)}",
        ]


class Person:
    """Somebody with a session of their own, who says where an answer is no success."""

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        body = json.dumps({"username": name, "password": PASSWORD}).encode()
        sign_in = urllib.request.Request(
            f"http://{server.host}/api/login", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(sign_in, timeout=60) as answer:  # noqa: S310 - our own
            cookies = [line.partition(";")[0] for line in answer.headers.get_all("Set-Cookie")]
        self.cookie = "; ".join(cookies)
        with urllib.request.urlopen(self.request("/api/auth-status"), timeout=60) as answer:  # noqa: S310
            cookies += [line.partition(";")[0] for line in answer.headers.get_all("Set-Cookie", [])]
            self.token = json.load(answer)["csrf_token"]
        self.cookie = "; ".join(cookies)

    def request(self, path: str, body: bytes | None = None) -> urllib.request.Request:
        headers = {"Cookie": self.cookie}
        if body is not None:
            headers |= {"X-CSRFToken": self.token, "Content-Type": "application/json"}
        return urllib.request.Request(f"http://{self.server.host}{path}", body, headers)

    def ask(self, tally: Tally, path: str, body: bytes | None = None) -> None:
        begin = time.perf_counter()
        try:
            with urllib.request.urlopen(self.request(path, body), timeout=60) as answer:  # noqa: S310
                while answer.read(1 << 20):
                    pass
        except OSError as error:  # an HTTP error is one
            tally.failures.append(f"{path}: {error}")
        tally.took.append(time.perf_counter() - begin)


PASSWORD = "only for this measurement"  # noqa: S105 - of users that go with it


def measure_load(ground: Ground) -> list[list[str]]:
    """Two minutes of people; figures of what is read and what is done, and the server's memory."""
    make_ground(ground)
    names = [f"person-{number}" for number in range(READERS + ACTORS)]
    make_people(names)
    reads, acts = Tally(), Tally()
    with Server() as server:
        people = [Person(server, name) for name in names]
        before, until = server.memory(), time.monotonic() + SECONDS
        threads = [
            threading.Thread(target=read_on, args=(person, number, reads, until))
            for number, person in enumerate(people[:READERS])
        ]
        threads += [
            threading.Thread(target=act_on, args=(person, number, acts, until))
            for number, person in enumerate(people[READERS:])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        after = server.memory()
    for failure in (*reads.failures, *acts.failures):
        print(failure)
    print(f"memory of the web server: {before >> 20} MiB before, {after >> 20} MiB after")
    return [reads.row("50 read", SECONDS), acts.row("10 act", SECONDS)]


def make_ground(ground: Ground) -> None:
    for number in range(ACTORS):
        made = ground.docker.create_container(
            "busybox:test", ["sleep", "86400"], name=f"load-{number}"
        )
        ground.docker.start(made["Id"])


def make_people(names: list[str]) -> None:
    from accounts.models import User
    from accounts.rights import Role
    from accounts.roles import give_role
    from accounts.services import ensure_first_user

    ensure_first_user()  # the server's own; there is none any more once there are others
    for name in names:
        give_role(User.objects.create_user(name, password=PASSWORD), Role.OPERATOR)


def read_on(person: Person, number: int, tally: Tally, until: float) -> None:
    for path in turning(PAGES, number):
        if time.monotonic() > until:
            return
        person.ask(tally, path)
        time.sleep(THINKS)


def act_on(person: Person, number: int, tally: Tally, until: float) -> None:
    """Stop and start a container of one's own, again and again."""
    for verb in itertools.cycle(("restart", "pause", "unpause", "stop", "start")):
        if time.monotonic() > until:
            return
        body = b'{"timeout": 0}' if verb in {"restart", "stop"} else b"{}"
        person.ask(tally, f"/api/container/load-{number}/{verb}", body)
        time.sleep(THINKS)


def turning(pages: tuple[str, ...], begin: int) -> Iterator[str]:
    """Page after page without end, each person at another place of the round."""
    start = begin % len(pages)
    return itertools.cycle(pages[start:] + pages[:start])

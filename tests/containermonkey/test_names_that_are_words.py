"""What is called as a word of an address is: its page and its address in the API are its own."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from docker import APIClient

from search.services import search_everywhere
from tests.addresses import addresses
from tests.arrange import ContainerMaker
from tests.backups.pages import text_of

pytestmark = pytest.mark.django_db

NAME = re.compile(r"[a-z0-9][a-z0-9-]+")

FOR_ALL = {"start", "new", "prune", "status", "restore"}
"""Words that mean something somewhere, whatever addresses there are."""


def words_below(*begins: str) -> list[str]:
    """The words that stand where the name of something does, in the addresses that begin so."""
    behind = [
        each.path.removeprefix(begin).split("/")[0]
        for each in addresses()
        for begin in begins
        if each.path.startswith(begin)
    ]
    return sorted(FOR_ALL | {word for word in behind if NAME.fullmatch(word)})


def ask(client: Client, kind: str, name: str, api: str) -> None:
    """Where the search leads is the page of this one, and the API tells of it."""
    cache.clear()  # the search remembers the host for a moment
    groups = search_everywhere(name, 50).groups
    (url,) = [
        thing.url
        for group in groups
        for thing in group.things
        if thing.kind == kind and thing.label == name
    ]
    page = client.get(url)
    assert page.status_code == 200, f"{kind} {name}: {url}"
    assert f"<h1>{name}</h1>" in re.sub(r"\s*(</?h1>)\s*", r"\1", page.content.decode()), url
    assert name in text_of(page)
    answer: Any = client.get(api.format(name=name))
    assert answer.status_code == 200, f"{kind} {name}: {answer.content}"


def test_containers_and_stacks(admin_client: Client, make_container: ContainerMaker) -> None:
    for word in words_below("/containers/", "/console/", "/api/container/", "/backups/create/"):
        make_container(word, start=False)
        ask(admin_client, "container", word, "/api/container/{name}/details")
        assert admin_client.get(f"/console/{word}").status_code == 200
        assert admin_client.get(f"/backups/create/{word}/").status_code == 200
    for word in words_below("/stacks/", "/api/stack/"):
        project = {"com.docker.compose.project": word}
        make_container(f"of-{word}", labels=project, start=False)
        ask(admin_client, "stack", word, "/api/stack/{name}")


def test_volumes_and_networks(admin_client: Client, docker: APIClient) -> None:
    for word in words_below("/volumes/", "/api/volume/"):
        docker.create_volume(word)
        ask(admin_client, "volume", word, "/api/volume/{name}/explore")
    for word in words_below("/networks/", "/api/network/"):
        docker.create_network(word)
        ask(admin_client, "network", word, "/api/network/{name}")


def test_images(admin_client: Client, docker: APIClient, busybox: str) -> None:
    for word in words_below("/images/", "/api/image/", "/api/images/"):
        docker.tag(busybox, word, "1")
        assert admin_client.get(f"/images/{word}:1/").status_code == 200
        assert admin_client.get(f"/api/image/{word}:1").status_code == 200

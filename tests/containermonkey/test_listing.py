"""containermonkey.listing, and that the lists keep what else was asked for."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from docker import APIClient

from containermonkey.listing import Group, given, in_order, kept, tabs_of, with_words
from tests.arrange import ContainerMaker
from tests.backups.pages import tags_of

KEYS = {"name": lambda word: word, "length": lambda word: len(word)}


def test_what_is_alike_is_by_name_either_way() -> None:
    words = ["ccc", "b", "aa", "a"]
    assert in_order(words, "length", KEYS) == ["a", "b", "aa", "ccc"]
    assert in_order(words, "-length", KEYS) == ["ccc", "aa", "a", "b"]
    assert in_order(words, "nonsense", KEYS) == ["a", "aa", "b", "ccc"]


def test_every_word_has_to_be_found() -> None:
    def holds(text: str, word: str) -> bool:
        return word in text

    assert with_words(["web shop", "shop", "web"], "SHOP  web", holds) == ["web shop"]
    assert with_words(["web"], " ", holds) == ["web"]


def test_the_order_that_is_there_anyway_is_not_kept() -> None:
    asked = {"search": "name", "sort": "name", "state": "", "stack": "name"}
    assert given(asked) == {"search": "name", "stack": "name"}
    assert kept(asked | {"sort": "-name"}) == [("sort", "-name"), ("stack", "name")]
    assert kept(asked, without=["stack"]) == []


def test_a_tab_keeps_the_rest() -> None:
    asked = {"search": "a b", "sort": "-size", "state": "used"}
    used, everything = tabs_of([Group("used", "In use", 2), Group("", "All", 3)], asked)
    assert (used["current"], everything["current"]) == (True, False)
    assert used["url"] == "?search=a+b&sort=-size&state=used"
    assert everything["url"] == "?search=a+b&sort=-size"


@pytest.mark.django_db
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("page", ["/containers/", "/images/", "/networks/", "/volumes/"])
def test_a_search_keeps_the_order_of_the_list(admin_client: Client, page: str) -> None:
    answer = admin_client.get(f"{page}?{urlencode({'sort': '-created'})}")
    assert tags_of(answer, "input", type="hidden", name="sort", value="-created")


@pytest.mark.django_db
@pytest.mark.usefixtures("engine")
def test_a_tab_keeps_a_search_for_the_word_name(admin_client: Client) -> None:
    answer = admin_client.get("/images/?search=name")
    assert tags_of(answer, "a", href="?search=name&state=unused")


@pytest.mark.django_db
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    "page", ["/containers/", "/images/", "/networks/", "/volumes/", "/statistics/"]
)
def test_what_is_not_found_while_one_types_leads_to_all(
    admin_client: Client, docker: APIClient, make_container: ContainerMaker, page: str
) -> None:
    make_container("web", start=False)
    docker.create_volume("data")
    answer = admin_client.get(f"{page}?search=zzz", headers={"HX-Request": "true"})
    assert tags_of(answer, "a", href=page)

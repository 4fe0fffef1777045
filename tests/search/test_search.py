"""search: everything that has a page, found by its words"""

import pytest
from django.core.cache import cache
from django.utils.timezone import now

from backups.models import Backup
from engine.patience import patient_for
from search.services import search_everywhere
from tests.engine_calls import recorded_calls

pytestmark = pytest.mark.django_db


@pytest.fixture
def host(docker, make_container, busybox):
    """Something of each kind with `shop` in it."""
    make_container("shop-web", labels={"com.docker.compose.project": "shop"}, start=False)
    make_container("other", start=False)
    docker.create_volume("shop_data")
    docker.create_network("shop_net")
    docker.tag(busybox, "shop/app", "2")


def labels_by_kind(search, most=20):
    found = search_everywhere(search, most)
    return {group.kind: [thing.label for thing in group.things] for group in found.groups}


def test_each_kind_is_found_by_its_name(host):
    assert labels_by_kind("shop") == {
        "container": ["shop-web"],
        "stack": ["shop"],
        "image": ["shop/app:2"],
        "volume": ["shop_data"],
        "network": ["shop_net"],
    }


def test_every_word_has_to_be_found_somewhere(host):
    assert labels_by_kind("compose.project=shop web")["container"] == ["shop-web"]
    assert search_everywhere("shop nowhere", 20).total == 0
    assert search_everywhere("  ", 20).groups == []


def test_the_likeliest_come_first_and_the_rest_is_counted(docker, engine):
    for name in ("z-data", "data-z", "a-data", "data"):
        docker.create_volume(name)
    found = search_everywhere("data", 3)
    (group,) = [group for group in found.groups if group.kind == "volume"]
    assert [thing.label for thing in group.things] == ["data", "data-z", "a-data"]
    assert (group.total, group.url) == (4, "/volumes/?search=data")


def test_pages_and_backups_are_found_without_the_engine(private_engine, settings, engine):
    Backup.objects.create(
        filename="shop_20260101_000000.tar.gz", container_name="shop", size=1, created=now()
    )
    engine.kill()
    found = search_everywhere("shop", 20)
    assert [group.kind for group in found.groups] == ["backup"]
    assert found.problem
    assert labels_by_kind("volumes")["page"] == ["Volumes"]


@pytest.mark.parametrize("words", ["authenticator", "sessions", "api tokens"])
def test_the_pages_of_ones_own_account_are_found(words, engine):
    assert len(labels_by_kind(words)["page"]) == 1


def test_an_engine_that_hangs_is_not_waited_for_at_every_letter(engine):
    search_everywhere("s", 20)
    engine.pause()
    cache.clear()
    with patient_for(0.3):
        assert "did not answer in time" in search_everywhere("sh", 20).problem
    with recorded_calls() as calls:
        assert "did not answer in time" in search_everywhere("sho", 20).problem
    assert calls == []


def test_names_that_no_address_can_have_lead_to_the_list(make_container):
    make_container("odd", labels={"com.docker.compose.project": "a/b"}, start=False)
    (group,) = [group for group in search_everywhere("a/b", 20).groups if group.kind == "stack"]
    assert group.things[0].url == "/stacks/"


def test_a_slip_is_taken_for_what_is_there(host):
    assert search_everywhere("shp-web", 20).meant == "shop-web"
    assert search_everywhere("qqqqqq", 20).meant == ""


def test_no_slip_is_looked_for_in_an_id(docker, engine):
    docker.create_volume("a" * 64)
    assert search_everywhere("a" * 63 + "b", 20).meant == ""


def test_the_engine_is_asked_once_for_several_letters(host):
    search_everywhere("s", 20)
    with recorded_calls() as calls:
        search_everywhere("sh", 20)
    assert calls == []


def test_everybody_signed_in_finds_by_the_api(operator_client, host):
    answer = operator_client.get("/api/search?search=shop_data").json()
    (group,) = answer["groups"]
    assert answer["total"] == 1
    assert group["things"] == [
        {"kind": "volume", "label": "shop_data", "detail": "local", "url": "/volumes/shop_data/"}
    ]
    assert operator_client.get(f"/api/search?search={'a' * 301}").status_code == 400


def test_odd_words_harm_nothing(operator_client, engine):
    for words in ("\0", "<b>", "%", "'", "é́", "a" * 5000):
        assert operator_client.get("/search/", {"search": words}).status_code == 200
        page = operator_client.get("/search/", {"search": words}).content.decode()
        assert "<b></b>" not in page


def test_the_page_leads_to_what_was_found_and_to_all_of_it(operator_client, engine, docker):
    for number in range(22):
        docker.create_volume(f"data{number}")
    page = operator_client.get("/search/?search=data").content.decode()
    assert 'href="/volumes/data0/"' in page
    assert 'href="/volumes/?search=data"' in page
    assert "Show all 22" in page


def test_what_was_meant_is_a_way_on(operator_client, host):
    page = operator_client.get("/search/?search=shop_daat").content.decode()
    assert 'href="/search/?search=shop_data"' in page


def test_nobody_is_led_to_where_they_may_not_go(host, viewer_client, operator_client, admin_client):
    led = {}
    for client in (viewer_client, operator_client, admin_client):
        addresses = set()
        for word in ("shop", "a", "e", "i", "o"):
            found = client.get("/api/search", {"search": word}).json()
            addresses |= {thing["url"] for group in found["groups"] for thing in group["things"]}
        refused = {address for address in addresses if client.get(address).status_code == 403}
        assert not refused
        led[client] = addresses
    assert len(led[viewer_client]) > 15
    only_administrators = {"/stacks/-/deploy/", "/images/registries/", "/admin/"}
    assert only_administrators <= led[admin_client] - led[operator_client]
    assert "/volumes/-/new/" in led[operator_client] - led[viewer_client]

"""What every page shows around its content."""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from containermonkey import context
from containermonkey.navigation import ENTRIES, navigation
from containermonkey.problems import EngineUnreachable

NOWHERE = "unix:///nowhere/docker.sock"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.label)
def test_every_entry_leads_to_a_page_and_is_current_on_it_and_below(entry):
    address = reverse(entry.view)
    below = [address + "below/"] if address != "/" else []
    for path in (address, *below):
        links = navigation(RequestFactory().get(path), {})
        current = [link.entry for link in links if link.current]
        assert current == [entry]


def test_the_host_is_named(engine):
    host = context.engine_host()
    assert host.name
    assert host.version
    assert host.place == "local"


def test_a_host_that_is_down_is_said_to_be_and_asked_again_soon(settings, monkeypatch):
    settings.DOCKER_HOST = NOWHERE
    assert context.engine_host().version == ""
    asked = []
    monkeypatch.setattr(context, "asked_host", lambda: asked.append("again"))
    context.engine_host()
    assert asked == []


def test_pages_come_while_the_engine_is_down(settings, admin_client):
    settings.DOCKER_HOST = NOWHERE
    answer = admin_client.get("/jobs/")
    assert answer.status_code == 200
    assert "Does not answer · local" in answer.content.decode()


def test_a_remote_host_is_told_by_its_address(settings, monkeypatch):
    settings.DOCKER_HOST = "tcp://nas.example:2376"

    def unreachable():
        raise EngineUnreachable("Nobody answers.")

    monkeypatch.setattr(context, "engine", unreachable)
    assert context.engine_host().place == "nas.example:2376"


def test_strangers_get_neither_navigation_nor_host(stranger_client):
    content = stranger_client.get(reverse("accounts:sign_in")).content.decode()
    assert 'class="side"' not in content
    assert "hx-ws" not in content.replace("vendor/hx-ws", "")

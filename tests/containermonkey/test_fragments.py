import pytest
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from containermonkey.fragments import Fragments


@pytest.fixture
def asked() -> HttpRequest:
    return request_of({"HX-Request": "true"})


def request_of(headers: dict[str, str]) -> HttpRequest:
    request = RequestFactory().get("/", headers=headers)
    request.htmx = HtmxDetails(request)
    request._messages = CookieStorage(request)
    return request


def answered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    return Fragments(lambda request: response)(request)


def test_messages_ride_along_with_a_fragment(asked):
    messages.success(asked, "Restarted <b>web</b>")
    content = answered(asked, HttpResponse("<p>Rows</p>")).content.decode()
    assert content.startswith("<p>Rows</p><hx-partial")
    assert 'class="toast ok"' in content
    assert "Restarted &lt;b&gt;web&lt;/b&gt;" in content


def test_a_fragment_without_messages_stays_as_it_is(asked):
    assert answered(asked, HttpResponse("<p>Rows</p>")).content == b"<p>Rows</p>"


def test_a_part_that_refreshes_itself_leaves_messages_to_others():
    asked = request_of({"HX-Request": "true", "X-Refresh": "true"})
    messages.success(asked, "Deleted web")
    assert answered(asked, HttpResponse("<p>Rows</p>")).content == b"<p>Rows</p>"
    assert len(messages.get_messages(asked)) == 1


def test_messages_that_were_shown_are_not_shown_twice(asked):
    messages.error(asked, "It did not work")
    shown = HttpResponse("".join(str(message) for message in messages.get_messages(asked)))
    assert answered(asked, shown).content == b"It did not work"


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse("", headers={"HX-Redirect": "/next/"}),
        HttpResponseRedirect("/next/"),
        JsonResponse({}),
    ],
)
def test_messages_wait_for_a_page_that_shows_them(response, asked):
    messages.success(asked, "Done")
    answered(asked, response)
    assert not asked._messages.used


def test_a_redirect_out_of_a_dialog_loads_the_page():
    request = request_of({"HX-Request": "true", "HX-Target": "dialog#dialog"})
    response = answered(request, HttpResponseRedirect("/containers/"))
    assert response.status_code == 200
    assert response["HX-Redirect"] == "/containers/"
    assert "Location" not in response


def test_other_redirects_are_left_alone(asked):
    assert answered(asked, HttpResponseRedirect("/containers/")).status_code == 302


def test_pages_are_left_alone():
    request = request_of({})
    messages.success(request, "Done")
    assert answered(request, HttpResponse("<p>Page</p>")).content == b"<p>Page</p>"

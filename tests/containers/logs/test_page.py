"""/containers/<reference>/logs/"""

import pytest


@pytest.fixture
def page_of(admin_client):
    """The page's text for a query."""

    def fetch(query: str = "", status: int = 200) -> str:
        answer = admin_client.get(f"/containers/web/logs/{query}")
        assert answer.status_code == status
        return answer.content.decode()

    return fetch


def test_everybody_who_is_signed_in_may_read(client, stranger_client, docker, make_container):
    docker.wait(make_container("web", command=["echo", "hello"]))
    assert "hello" in client.get("/containers/web/logs/").content.decode()
    assert stranger_client.get("/containers/web/logs/").status_code == 302


def test_lines_are_escaped_and_marked(page_of, docker, make_container):
    script = r"printf '<b>x</b>\033[31mred\033[0m\n'; echo bad >&2"
    docker.wait(make_container("web", command=["sh", "-c", script]))
    page = page_of()
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert '<span class="f1">red</span>' in page
    assert '<b class="stream">err</b>' in page
    assert "style=" not in page.partition("<ol")[2]


def test_a_search_says_how_much_it_found(page_of, docker, make_container):
    docker.wait(make_container("web", command=["seq", "1", "5000"]))
    page = page_of("?search=1&tail=10")
    assert "found for “1”; the last 10 are shown." in page
    assert page.count("<li>") - page.count("<li><a") >= 10
    assert "Nothing found for “&lt;i&gt;”." in page_of("?search=<i>")


@pytest.mark.parametrize(
    ("query", "name"), [("since=soon", "since"), ("until=x", "until"), ("tail=9999", "tail")]
)
def test_what_makes_no_sense_is_said_beside_its_field(page_of, make_container, query, name):
    make_container("web", start=False)
    page = page_of(f"?{query}", status=422)
    assert f'id="input-{name}-words"' in page
    assert page.count('aria-invalid="true"') == 1
    assert "data-log=" not in page


def test_what_was_asked_is_still_there(page_of, make_container):
    make_container("web", start=False)
    page = page_of("?search=%22x%22&since=1h&until=0m&tail=7&timestamps=on")
    for value in ('"&quot;x&quot;"', '"1h"', '"0m"', '"7"'):
        assert f"value={value}" in page
    assert 'class="log mono times"' in page


def test_what_is_not_there_is_not_found(admin_client, engine):
    assert admin_client.get("/containers/web/logs/").status_code == 404


def test_ourselves_are_not_shown(admin_client, make_container):
    make_container("web", labels={"containermonkey.self": "1"}, start=False)
    assert admin_client.get("/containers/web/logs/").status_code == 403
    assert admin_client.get("/containers/web/logs/download/").status_code == 403


def test_an_engine_that_is_down_is_said(admin_client):
    assert admin_client.get("/containers/web/logs/").status_code == 503

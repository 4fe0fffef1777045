"""/statistics/"""

import re

from tests.stats.conftest import used
from tests.waiting import wait_for

HTMX = {"HX-Request": "true"}
BURN = ["sh", "-c", "while :; do :; done"]


def names(page: str) -> list[str]:
    """The containers of the page, in its order."""
    return re.findall(r'href="/containers/([^/"]+)/stats/"', page)


def fetched(client, query: str = "", **headers: str) -> str:
    return client.get(f"/statistics/{query}", headers=headers).content.decode()


def test_all_containers_with_their_figures(
    admin_client, operator_client, make_container, collector, readings, seldom
):
    make_container("burn", command=BURN, host={"nano_cpus": 300_000_000})
    make_container("idle")
    make_container("off", start=False)
    page = fetched(admin_client)
    before = len(readings)
    assert names(page) == ["burn", "idle", "off"]
    assert page.count('<article class="card stat') == 3
    assert page.count('class="spark"') == 4 + 3 * 4
    assert "2 running containers" in page
    assert 'data-hx-trigger="every 5s"' in page
    assert '<meta http-equiv="refresh" content="5">' in page
    assert "style=" not in page
    fragment = fetched(operator_client, **HTMX)
    assert fragment.strip().startswith('<div id="statistics"')
    assert "<html" not in fragment
    table = fetched(admin_client, "?view=table&sort=name")
    assert names(table) == ["burn", "idle", "off"]
    assert 'aria-sort="ascending"' in table
    assert '<article class="card stat' not in table
    assert len(readings) == before  # whoever looks is served from what has been read


def test_order_filter_and_span_are_in_the_address(admin_client, shown):
    shown(
        used("shop", cpu_percent=71.93, memory_usage=903 << 20, pids=3),
        used("mail", cpu_percent=0.07, memory_usage=1 << 30, rates=(5000.0, 20.0, None, None)),
        used("off", state="exited"),
    )
    page = fetched(admin_client)
    assert names(page) == ["shop", "mail", "off"]
    for words in ("71.9 %", "0.07 %", "903 MiB", "5 kB/s", "72.0<small>% of a core"):
        assert words in page
    assert "CPU to 100 %, memory to 1 GiB, network to 8 kB/s, block I/O to 1 kB/s" in page
    assert names(fetched(admin_client, "?sort=-name")) == ["shop", "off", "mail"]
    assert names(fetched(admin_client, "?sort=-memory")) == ["mail", "shop", "off"]
    assert names(fetched(admin_client, "?state=stopped")) == ["off"]
    assert names(fetched(admin_client, "?search=mail")) == ["mail"]
    assert "Nothing matches “nobody”" in fetched(admin_client, "?search=nobody")
    for span, words in (("live", "5 minutes"), ("6h", "6 hours"), ("nonsense", "5 minutes")):
        assert f"Lines show the last {words}" in fetched(admin_client, f"?span={span}")
    kept = fetched(admin_client, "?search=mail&sort=name&view=table&span=1h")
    assert 'href="?search=mail&amp;sort=name&amp;span=6h&amp;view=table"' in kept
    assert '<input type="hidden" name="span" value="1h">' in kept


def test_paused_it_stays_as_it_is(admin_client, engine, collector):
    page = fetched(admin_client, "?paused=1&sort=name")
    assert "every 5s" not in page
    assert 'http-equiv="refresh"' not in page
    assert 'href="?sort=name">' in page


def test_refreshed_now_it_shows_what_is_now(
    admin_client, docker, make_container, collector, seldom
):
    make_container("web")
    assert "1 running container " in fetched(admin_client)
    docker.kill("web")
    assert "1 running container " in fetched(admin_client)
    answer = admin_client.get("/statistics/refresh/?sort=name&view=table")
    assert (answer.status_code, answer.url) == (302, "/statistics/?sort=name&view=table")
    assert "0 running containers" in fetched(admin_client, "?sort=name&view=table")
    docker.start("web")
    fragment = admin_client.get("/statistics/refresh/?sort=name", headers=HTMX).content.decode()
    assert "1 running container " in fragment
    assert 'data-hx-get="/statistics/?sort=name"' in fragment


def test_hundreds_of_containers_come_in_pages(admin_client, shown):
    shown(*(used(f"web-{number}", cpu_percent=1.0) for number in range(250)))
    assert len(names(fetched(admin_client))) == 100
    assert len(names(fetched(admin_client, "?page=3&view=table"))) == 50
    assert "250 running containers" in fetched(admin_client, **HTMX)


def test_what_is_searched_for_stays_words(admin_client, shown):
    shown(used("web", cpu_percent=1.0))
    page = fetched(admin_client, "?search=%3Cscript%3E&sort=%22%3E%3Cb%3E&span=%22&view=%22")
    assert "<script>" not in page.partition("<main")[2]
    assert '"><b>' not in page
    assert "&lt;script&gt;" in page


def test_an_engine_that_is_gone_leaves_the_last_figures(
    admin_client, engine, make_container, collector, monkeypatch
):
    monkeypatch.setattr("stats.collector.INTERVAL", 0.3)
    make_container("web")
    assert names(fetched(admin_client)) == ["web"]
    engine.kill()
    wait_for(lambda: collector.look().problem, "the loss to be noticed")
    answer = admin_client.get("/statistics/")
    page = answer.content.decode()
    assert answer.status_code == 503
    assert names(page) == ["web"]
    assert "The Docker Engine does not answer" in page
    assert "It last answered" in page
    assert "engine-down" in page
    assert admin_client.get("/statistics/", headers=HTMX).status_code == 200


def test_before_there_is_anything(admin_client, engine, collector):
    assert "No containers yet" in fetched(admin_client)


def test_an_engine_that_never_answered_is_said_so(admin_client, collector):
    assert "The Docker Engine does not answer" in fetched(admin_client)


def test_the_sidebar_leads_there(admin_client, engine, collector):
    page = fetched(admin_client)
    assert re.search(r'<a href="/statistics/" aria-current="page">.*?Statistics\s', page, re.DOTALL)

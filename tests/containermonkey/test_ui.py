from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.template import engines
from django.test import RequestFactory

HOSTILE = """a"b<script>alert(1)</script>'c"""


def rendered(source, **context):
    return engines["django"].from_string(source).render(context)


def test_an_icon_is_decorative_unless_it_is_named():
    assert 'aria-hidden="true"' in rendered('{% icon "cube" %}')
    assert "#i-cube" in rendered('{% icon "cube" %}')
    named = rendered('{% icon "cube" label=label %}', label=HOSTILE)
    assert 'role="img"' in named
    assert "<script>" not in named
    assert 'aria-label="a&quot;b&lt;script&gt;' in named


def test_a_badge_has_word_and_sign():
    container = SimpleNamespace(status="running", health="healthy", status_text="")
    assert rendered("{% container_badge container %}", container=container).endswith(
        "</svg>Healthy</span>"
    )
    assert '<span class="dot"></span>Running' in rendered('{% badge "ok" "Running" %}')
    assert "spin" in rendered('{% job_badge "running" %}')


def test_an_icon_button_is_named_and_takes_attributes():
    button = rendered(
        '{% icon_button "trash" label name="action" value=label data_dialog=True %}', label=HOSTILE
    )
    assert button.startswith('<button class="ib" aria-label="a&quot;b')
    assert 'type="submit"' in button
    assert " data-dialog" in button
    assert "<script>" not in button


def test_an_icon_button_with_an_address_is_a_link():
    link = rendered('{% icon_button "trash" "Remove" href="/x/" class="danger" %}')
    assert link.startswith('<a class="ib danger" aria-label="Remove"')
    assert "type=" not in link


@pytest.mark.parametrize(
    ("share", "width", "classes"),
    [(None, "0%", "bar "), (41.26, "41.3%", "bar "), (86, "86%", "bar bad"), (140, "100%", "bad")],
)
def test_a_meter_is_drawn_by_attributes(share, width, classes):
    meter = rendered("{% meter share %}", share=share)
    assert f'class="v" width="{width}"' in meter
    assert classes in meter
    assert "style=" not in meter


@pytest.mark.parametrize(
    ("current", "order", "leads_to"),
    [("name", "ascending", "sort=-name"), ("-name", "descending", "sort=name")],
)
def test_a_sorted_column_says_so_and_turns_round(current, order, leads_to):
    request = RequestFactory().get("/?search=a%26b&page=3&sort=state")
    head = engines["django"].from_string('{% sort_header "name" "Name" current %}')
    html = head.render({"current": current}, request)
    assert f'aria-sort="{order}"' in html
    assert f'href="?search=a%26b&amp;{leads_to}"' in html


def test_an_unsorted_column_has_no_order():
    head = engines["django"].from_string('{% sort_header "name" "Name" "state" %}')
    assert "aria-sort" not in head.render({}, RequestFactory().get("/"))


def test_times_carry_the_exact_moment():
    when = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    html = rendered("{{ when|ago }}", when=when)
    assert html == (
        '<time datetime="2020-01-02T03:04:05+00:00" title="2 Jan 2020, 03:04 UTC">2 Jan 2020</time>'
    )
    assert rendered("{{ when|ago }}{{ when|moment }}", when=None) == "––"


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        ((4.1, 6.6, 212e6), "4.1 of 6.6 GiB · 212 MB/s · about 13 s left"),
        ((4.1, None, None), "4.1 GiB"),
        ((0, None, None), ""),
        ((6.6, 6.6, 1e6), "6.6 of 6.6 GiB · 1 MB/s"),
    ],
)
def test_progress_says_what_is_known(figures, text):
    done, total, speed = figures
    job = SimpleNamespace(
        bytes_done=int(done * 2**30),
        bytes_total=total and int(total * 2**30),
        bytes_per_second=speed,
    )
    assert rendered("{{ job|progress_facts }}", job=job) == text


@pytest.mark.parametrize(
    ("name", "letters"), [("Ada Lindgren", "AL"), ("ada.lindgren", "AL"), ("monkeysee", "MO")]
)
def test_initials(name, letters):
    assert rendered("{{ name|initials }}", name=name) == letters

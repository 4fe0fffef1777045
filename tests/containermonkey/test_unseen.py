"""containermonkey.unseen: characters that are not seen and change what is"""

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from containermonkey.unseen import VisibleText, made_visible
from volumes.files.paths import spelled, unspelled

TURN = "\N{RIGHT-TO-LEFT OVERRIDE}"


@pytest.mark.parametrize(
    "unseen",
    [TURN, "\N{RIGHT-TO-LEFT ISOLATE}", "\N{LEFT-TO-RIGHT MARK}", "\x1b", "\x85", "\ufeff"],
)
def test_each_is_shown_as_a_sign(unseen):
    assert made_visible(f'<a title="a{unseen}b">c{unseen}d</a>') == '<a title="a�b">c�d</a>'


@pytest.mark.parametrize("kept", ["plain", "שלום", "a\tb\r\nc", "\N{ZERO WIDTH JOINER}", "�"])
def test_everything_else_stays_as_it_is(kept):
    assert made_visible(f"<p>{kept}</p>") == f"<p>{kept}</p>"


def test_what_a_form_sends_back_is_what_it_was():
    field = f'<input name="path" value="/{TURN}txt">'
    area = f"<textarea name=compose>\n{TURN}\n</textarea>"
    assert made_visible(f"{TURN}{field}{TURN}{area}{TURN}") == f"�{field}�{area}�"


def test_a_text_that_looks_like_a_field_keeps_nothing():
    """Only markup has a quote that is bare."""
    assert TURN not in made_visible(f"<p> value=&quot;{TURN}&quot; &lt;textarea&gt;{TURN}</p>")


@pytest.mark.parametrize("kind, shown", [("text/html", "�"), ("application/json", TURN)])
def test_pages_have_it_and_what_is_for_programs_has_not(kind, shown):
    answer = VisibleText(lambda request: HttpResponse(TURN, content_type=kind))(HttpRequest())
    assert answer.content.decode() == shown


def test_what_is_made_while_it_is_sent_is_left_alone():
    stream = StreamingHttpResponse([TURN.encode()], content_type="text/html")
    assert VisibleText(lambda request: stream)(HttpRequest()) is stream


@pytest.mark.parametrize("name", ["a\nb", f"a{TURN}b", "a\\b", r"a\x0ab", "\udcff", "\x7f", "ü"])
def test_names_of_files_come_back_exactly(name):
    assert unspelled(spelled(name)) == name
    assert made_visible(spelled(name)) == spelled(name)
    assert spelled(name).isprintable()

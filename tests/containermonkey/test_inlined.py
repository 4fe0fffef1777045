import pytest

from containermonkey.inlined import taken_apart


def test_pictures_become_files_and_everything_else_stays():
    style = (
        'a{b:url("data:image/svg+xml;charset=utf-8,<svg a=\\"1\\">%23</svg>")}'
        "c{d:url(data:image/png;base64,AAEC) e}f{g:url(data:image/png;base64,AAEC)}h{i:url(j.png)}"
    )
    changed, files = taken_apart(style, "x")
    assert changed == 'a{b:url("x-1.svg")}c{d:url("x-2.png") e}f{g:url("x-2.png")}h{i:url(j.png)}'
    assert files == {"x-1.svg": b'<svg a="1">#</svg>', "x-2.png": b"\x00\x01\x02"}


def test_what_is_no_picture_is_said():
    with pytest.raises(ValueError, match="text/html"):
        taken_apart("a{b:url(data:text/html,x)}", "x")

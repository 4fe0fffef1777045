"""Nothing leads out of a volume, whatever was put into it."""

import os
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from containermonkey.problems import Conflict, Invalid, NotFound
from tests.backups.odd_names import ODD_NAMES
from volumes.files.opening import found
from volumes.files.paths import inner, spelled, unspelled
from volumes.files.services import beginning_of, content_of, explore
from volumes.local import Directory

LEADING_OUT = [
    "..",
    "/..",
    "../outside",
    "/../outside",
    "folder/../../outside",
    "folder/..",
    "./../outside",
    "//..//outside",
    r"\x2e\x2e/outside",
    r"\x2e./outside",
    r"..\x2foutside",
    "up",
    "up/outside",
    "absolute",
    "chain",
    "chain-of-folders/outside",
    "folder/up-twice",
    "process",
    "loop",
]

ACTS = [explore, beginning_of, lambda name, path: b"".join(content_of(name, path).pieces())]


@pytest.fixture
def crafted(tree, opened_at) -> Path:
    (tree / "folder").mkdir()
    (tree / "file").write_text("inside")
    outside = tree.parent / "outside"
    links = {
        "up": "..",
        "absolute": str(outside),
        "chain": "absolute",
        "chain-of-folders": "folder/again",
        "folder/again": "../up",
        "folder/up-twice": "../../outside",
        "process": "/proc/self/root",
        "loop": "loop",
        "inside": "folder/../file",
        "folder/sideways": "../file",
    }
    for name, target in links.items():
        (tree / name).symlink_to(target)
    opened_at(tree)
    return tree


@pytest.mark.parametrize("path", LEADING_OUT)
@pytest.mark.parametrize("act", ACTS)
def test_what_leads_out_is_refused(crafted, act, path):
    with pytest.raises(Invalid, match="out of the volume"):
        act("data", path)


@pytest.mark.parametrize("path", ["/etc/passwd", "..%2foutside", "%2e%2e/outside", "file/x", "no"])
@pytest.mark.parametrize("act", ACTS)
def test_other_spellings_are_names_that_are_not_there(crafted, act, path):
    with pytest.raises(NotFound):
        act("data", path)


@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize("act", ACTS)
def test_odd_names_are_told_apart_from_what_is_there(crafted, act, name):
    if name != " ":
        with pytest.raises((NotFound, Invalid)):
            act("data", f"/no/{name}")


@pytest.mark.parametrize("path", ["inside", "folder/sideways", "/./file", "//file"])
def test_a_link_that_stays_inside_is_followed(crafted, path):
    assert beginning_of("data", path).content == "inside"


names = st.sampled_from(["a", "b", "c", "outside"])
steps = st.lists(st.one_of(names, st.sampled_from(["..", ".", "", "/"])), min_size=1, max_size=6)
links = st.dictionaries(st.tuples(names, names), steps.map("/".join), max_size=6)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(links=links, asked=steps.map("/".join))
def test_no_tree_of_links_gives_away_what_is_outside(links, asked):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "outside").write_text("secret")
        root = Path(folder) / "root"
        for name in ("a", "b"):
            (root / name).mkdir(parents=True)
        for (above, name), target in links.items():
            place = root / name if above == "c" else root / above / name
            if place.parent.is_dir() and not os.path.lexists(place):
                place.symlink_to(target.replace("//", "/") or ".")
        try:
            with found(Directory.at(str(root)), inner(asked)) as place:
                real = Path(f"/proc/self/fd/{place.descriptor}").readlink()
        except (Invalid, NotFound):
            return
        assert real == root or root in real.parents


def test_a_folder_that_is_exchanged_for_a_link_meanwhile_leads_nowhere(tree):
    """One thread exchanges a folder and a link to the outside, as a container could."""
    (tree / "folder").mkdir()
    (tree / "folder" / "outside").write_text("inside")
    (tree / "link").symlink_to("..")
    directory, done = Directory.at(str(tree)), threading.Event()

    def exchange() -> None:
        while not done.is_set():
            for old, new in (("folder", "aside"), ("link", "folder")):
                (tree / old).rename(tree / new)
            for old, new in (("folder", "link"), ("aside", "folder")):
                (tree / old).rename(tree / new)

    thread = threading.Thread(target=exchange)
    thread.start()
    seen = set()
    try:
        for _ in range(3000):
            try:
                with found(directory, "folder/outside") as place:
                    seen.add(Path(f"/proc/self/fd/{place.descriptor}").read_text())
            except (Invalid, NotFound, Conflict):
                continue
    finally:
        done.set()
        thread.join()
    assert seen <= {"inside"}


def test_a_volume_that_was_replaced_is_not_taken_for_the_old_one(tree):
    directory = Directory.at(str(tree))
    tree.rename(tree.parent / "old")
    tree.mkdir()
    with pytest.raises(Conflict), found(directory, ""):
        pass


def test_what_is_neither_file_nor_folder_is_never_opened(tree, opened_at):
    os.mkfifo(tree / "fifo")
    os.mknod(tree / "device", 0o20600, os.makedev(1, 5))
    opened_at(tree)
    for name in ("fifo", "device"):
        with pytest.raises(Invalid, match="not a file"):
            beginning_of("data", name)
        with pytest.raises(Invalid, match="not a file"):
            content_of("data", name)
        with pytest.raises(Invalid, match="not a folder"):
            explore("data", name)


@given(st.binary(min_size=1, max_size=40))
def test_every_name_comes_back_from_its_spelling(raw):
    name = os.fsdecode(raw)
    spelling = spelled(name)
    spelling.encode()
    assert unspelled(spelling) == name


@given(st.text(max_size=40))
def test_whatever_is_asked_for_is_a_path_or_refused(text):
    try:
        path = inner(text)
    except Invalid:
        return
    assert not path.startswith("/")
    assert ".." not in path.split("/")
    assert "\0" not in path

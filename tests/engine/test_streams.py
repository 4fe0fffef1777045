"""Streams from the Engine: whole, in large blocks, and ended without anything left hanging."""

import io
import os
import tarfile
import time

import pytest

from containermonkey.problems import EngineRefused, NotFound
from engine import engine as current_engine
from engine.client import Docker
from engine.errors import EngineUnreachable
from engine.helpers import helper
from engine.streams import (
    BLOCK,
    dechunked,
    load_image,
    read_archive,
    read_image,
    stat_path,
    write_archive,
)
from engine.tar import END_OF_TAR, count_below, header_of
from tests import images
from tests.arrange import run_in

AT_ONCE = 30.0
"""Seconds: room for a busy machine, and half of the time for which a call waits for a container
that is being streamed."""


@pytest.fixture
def ours(docker_host):
    with current_engine() as client:
        yield client


@pytest.fixture
def data(docker, make_container, busybox: str) -> str:
    """A volume with a file of 64 MiB, too large for the buffers between us and the Engine."""
    container = make_container(host={"binds": ["data:/data"]})
    run_in(docker, container, "dd", "if=/dev/urandom", "of=/data/large", "bs=1M", "count=64")
    return "data"


def mount(name: str) -> dict:
    return {"Type": "volume", "Source": name, "Target": "/volumes/key"}


def test_a_tree_is_read_whole_and_in_large_blocks(ours: Docker, data: str) -> None:
    with helper(ours, [mount(data)], "job") as container:
        blocks = list(read_archive(ours, container, "/volumes"))

    assert {len(block) for block in blocks[:-1]} == {BLOCK}
    with tarfile.open(fileobj=io.BytesIO(b"".join(blocks))) as tar:
        assert tar.getnames() == ["volumes", "volumes/key", "volumes/key/large"]


@pytest.mark.parametrize("read", [0, 1])
def test_a_stream_that_is_left_early_lets_go_of_its_container(
    ours: Docker, data: str, read: int
) -> None:
    with helper(ours, [mount(data)], "job") as container:
        with read_archive(ours, container, "/volumes") as stream:
            for _ in range(read):
                next(stream)
        began = time.monotonic()
    assert time.monotonic() - began < AT_ONCE


@pytest.mark.parametrize(
    "look",
    [
        lambda stream: count_below(stream, limit=1),
        lambda stream: header_of(stream, "volumes/key"),
    ],
)
def test_looking_at_the_beginning_lets_go_of_the_rest(ours: Docker, data: str, look) -> None:
    with helper(ours, [mount(data)], "job") as container:
        stream = read_archive(ours, container, "/volumes")
        assert look(stream)
        began = time.monotonic()
    assert time.monotonic() - began < AT_ONCE
    assert list(stream) == []


def test_an_engine_that_dies_in_the_middle_is_told(ours: Docker, data: str, engine) -> None:
    with (
        pytest.raises(EngineUnreachable, match="in the middle of a stream"),
        helper(ours, [mount(data)], "job") as container,
    ):
        for _ in read_archive(ours, container, "/volumes"):
            if engine.running:
                engine.kill()

    engine.start()
    with current_engine() as client:
        client.remove_container(container)


def test_what_is_not_there_is_told_before_a_stream_begins(ours: Docker) -> None:
    with helper(ours, [], "job") as container:
        assert stat_path(ours, container, "/nothing") is None
        with pytest.raises(NotFound), current_engine():
            read_archive(ours, container, "/nothing")


def test_what_is_written_can_be_looked_at(ours: Docker, docker) -> None:
    docker.create_volume("data")
    entry = tarfile.TarInfo("volumes/key/file")
    entry.size, entry.mode = 5, 0o640
    tar = entry.tobuf() + b"hello".ljust(512, b"\0") + END_OF_TAR

    with helper(ours, [mount("data")], "job") as container:
        write_archive(ours, container, "/", [tar[:700], memoryview(tar)[700:]])
        seen = stat_path(ours, container, "/volumes/key/file")

    assert (seen["name"], seen["size"], seen["mode"]) == ("file", 5, 0o640)


def test_an_image_goes_out_and_in_again(ours: Docker, docker) -> None:
    image = images.build(docker, "travels:1")
    saved = b"".join(read_image(ours, "travels:1"))
    docker.remove_image("travels:1", force=True)

    load_image(ours, [saved[:5000], saved[5000:]])

    assert docker.inspect_image("travels:1")["Id"] == image


def test_an_image_that_is_none_is_refused_with_a_reason(ours: Docker) -> None:
    with pytest.raises(EngineRefused, match="tar"), current_engine():
        load_image(ours, [os.urandom(5000)])


# The chunked body itself


def body_of(chunks: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def read(body: bytes) -> list[bytes]:
    return [bytes(block) for block in dechunked(io.BufferedReader(io.BytesIO(body)), "tcp://there")]


@pytest.mark.parametrize("size", [1, 511, 32 * 1024, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_chunks_of_any_size_become_blocks_of_one_size(size: int) -> None:
    content = os.urandom(BLOCK * 2 + 12345)
    chunks = [content[at : at + size] for at in range(0, len(content), size)][:70000]
    expected = b"".join(chunks)

    blocks = read(body_of(chunks))

    assert b"".join(blocks) == expected
    assert all(len(block) == BLOCK for block in blocks[:-1])


def test_a_body_without_content_has_no_blocks() -> None:
    assert read(body_of([])) == []


def test_an_extension_of_a_chunk_is_stepped_over() -> None:
    assert read(b"5;name=value\r\nhello\r\n0\r\n\r\n") == [b"hello"]


@pytest.mark.parametrize(
    "body",
    [b"", b"5\r\nhel", b"5\r\nhello\r\n", b"5\r\nhello\r\nnonsense\r\n", b"5\r\nhello\r\n\r\n"],
)
def test_a_body_that_is_cut_short_is_told(body: bytes) -> None:
    with pytest.raises(EngineUnreachable, match="there broke off"):
        read(body)

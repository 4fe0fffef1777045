"""Which container is this program itself."""

import pytest

from engine.identity import JOB_LABEL, SELF_LABEL, candidate_id, is_hidden, is_ours, is_program

OWN = "0123456789abcdef" * 4
OTHER = "f" * 64


@pytest.fixture(autouse=True)
def _forget():
    candidate_id.cache_clear()
    yield
    candidate_id.cache_clear()


@pytest.mark.parametrize("file", ["hostname", "hosts", "resolv.conf"])
def test_the_files_that_the_engine_mounts_tell_the_id(tmp_path, file: str) -> None:
    mountinfo = tmp_path / "mountinfo"
    mountinfo.write_text(
        "700 699 0:57 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/X\n"
        f"712 700 254:1 /var/lib/docker/containers/{OWN}/{file} /etc/{file} rw - ext4 /dev/vda rw\n"
    )

    assert candidate_id(mountinfo) == OWN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "22 1 254:1 / / rw - ext4 /dev/vda rw\n",
        f"30 22 0:30 / /var/lib/docker/containers/{OWN}/mounts/shm rw - tmpfs shm rw\n",
        f"30 22 0:30 /var/lib/docker/containers/{OWN[:12]}/hostname /etc/hostname rw - ext4 x rw\n",
    ],
)
def test_outside_of_a_container_there_is_none(tmp_path, text: str) -> None:
    mountinfo = tmp_path / "mountinfo"
    mountinfo.write_text(text)

    assert candidate_id(mountinfo) is None


def test_a_system_without_the_file_has_none(tmp_path) -> None:
    assert candidate_id(tmp_path / "nothing") is None


def test_the_tests_run_in_no_container_of_ours() -> None:
    assert not is_ours(OTHER, {"app": "web"})
    assert not is_ours(OTHER, None)


@pytest.mark.parametrize("label", [SELF_LABEL, JOB_LABEL])
def test_a_label_marks_what_is_ours(label: str) -> None:
    assert is_ours(OTHER, {label: ""})


def test_our_own_container_is_ours_without_a_label(monkeypatch) -> None:
    monkeypatch.setattr("engine.identity.candidate_id", lambda: OWN)

    assert is_ours(OWN, {})
    assert not is_ours(OTHER, {})


def test_a_setting_shows_what_is_hidden(settings) -> None:
    labels = {SELF_LABEL: "1"}
    settings.SHOW_SELF = False
    assert is_hidden(OTHER, labels)
    settings.SHOW_SELF = True
    assert not is_hidden(OTHER, labels)
    assert is_ours(OTHER, labels)


def test_a_helper_made_from_our_image_is_not_the_program() -> None:
    assert is_program(OTHER, {SELF_LABEL: "1"})
    assert not is_program(OTHER, {SELF_LABEL: "1", JOB_LABEL: "a"})
    assert is_ours(OTHER, {SELF_LABEL: "1", JOB_LABEL: "a"})
    assert not is_ours(OTHER, None)

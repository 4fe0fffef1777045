"""The image in an archive, and bringing a container back by hand, as the README says."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from docker import APIClient

from backups.archive.reader import ArchiveReader
from backups.capture import Capture
from backups.files import archive_path
from backups.manifest import warnings_in
from backups.models import Backup
from backups.options import BackupOptions
from backups.services import request_backup
from containermonkey.problems import EngineUnreachable
from engine import Docker
from engine.streams import Stream, read_image
from tests import images
from tests.arrange import ContainerMaker
from tests.backups.steps import backed_up, failed, restored, tree_of, volume_path

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

LOAD = ["tar -C image -c . | docker load"]


@pytest.fixture
def app(docker: APIClient, make_container: ContainerMaker) -> str:
    """A container of an image of its own; the image's id."""
    image = images.build(docker, "app:1", ['CMD ["/bin/idle"]'], {"/etc/app": b"first"})
    make_container("app", image="app:1", start=False)
    return image


def unpacked(backup: Backup, target: Path) -> Path:
    """An archive, unpacked with tar."""
    target.mkdir()
    path = str(archive_path(backup.filename))
    subprocess.run(["tar", "-xzf", path, "-C", str(target)], check=True)
    return target


def shell(commands: list[str], folder: Path) -> str:
    """Commands, given to a shell as somebody would type them."""
    script = "set -e\n" + "\n".join(commands)
    run = subprocess.run(["sh"], input=script, cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_an_image_is_saved_with_its_tag_and_can_be_loaded_by_hand(
    app: str, docker: APIClient, tmp_path: Path
) -> None:
    backup = backed_up("app", include_image=True)
    docker.remove_container("app")
    docker.remove_image("app:1")

    shell(LOAD, unpacked(backup, tmp_path / "out"))

    assert docker.inspect_image("app:1")["Id"] == app
    assert backup.metadata["image_included"]


def test_an_image_is_left_out_unless_asked_for(app: str) -> None:
    backup = backed_up("app")

    with ArchiveReader(archive_path(backup.filename)) as archive:
        assert not archive.has_image()
        assert archive.manifest["image"]["saved_as"] is None


def test_an_image_whose_tag_has_moved_is_saved_by_its_id(
    app: str, docker: APIClient, tmp_path: Path
) -> None:
    other = images.build(docker, "app:1", ['CMD ["/bin/idle"]'], {"/etc/app": b"second"})

    backup = backed_up("app", include_image=True)

    with ArchiveReader(archive_path(backup.filename)) as archive:
        assert archive.manifest["image"]["saved_as"] == app
        assert archive.manifest["image"]["tags"] == []
    docker.remove_container("app")
    docker.remove_image(app)
    shell(LOAD, unpacked(backup, tmp_path / "out"))
    assert docker.inspect_image(app)["Id"] == app
    assert docker.inspect_image("app:1")["Id"] == other


@pytest.mark.parametrize("moved", ["to another image", "away"])
def test_one_whose_tag_moves_while_data_is_read_is_the_containers_all_the_same(
    moved: str, app: str, docker: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_and_lose_the_tag(capture: Capture) -> None:
        read(capture)
        if moved == "away":
            docker.remove_image("app:1")
        else:
            images.build(docker, "app:1", ['CMD ["/bin/idle"]'], {"/etc/app": b"second"})

    read = Capture.read
    docker.tag("app:1", "kept", "1")  # with its last name, the image itself would go
    monkeypatch.setattr(Capture, "read", read_and_lose_the_tag)
    backup = backed_up("app", include_image=True)
    with ArchiveReader(archive_path(backup.filename)) as archive:
        [warning] = warnings_in(archive)
    assert warning.startswith("app:1 was taken from the container’s image")

    docker.remove_container("app")
    for name in ("app:1", "kept:1"):
        if docker.images(name):
            docker.remove_image(name)
    assert app not in [image["Id"] for image in docker.images(all=True)]
    restored(backup)

    assert docker.inspect_container("app")["Image"] == app
    assert docker.inspect_container("app")["Config"]["Image"] == "app:1"
    assert docker.inspect_image("app:1")["Id"] == app


def test_where_the_engine_falls_silent_its_stream_is_closed_and_nothing_is_kept(
    app: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(docker: Docker, reference: str) -> None:
        raise EngineUnreachable("The Docker Engine does not answer.")

    def read_and_fall_silent(docker: Docker, name: str) -> Stream:
        opened.append(read_image(docker, name))
        monkeypatch.setattr(Docker, "find_image", silent)
        return opened[-1]

    opened: list[Stream] = []
    monkeypatch.setattr("backups.capture.read_image", read_and_fall_silent)
    job = failed(request_backup("app", BackupOptions(include_image=True)))

    assert "does not answer" in job.error
    assert [list(stream) for stream in opened] == [[]]
    assert list((data_dir / "backups").iterdir()) == []


def test_an_image_that_is_gone_is_told_before_anything_is_written(
    app: str, docker: APIClient, data_dir: Path
) -> None:
    docker.remove_image("app:1", force=True)

    job = failed(request_backup("app", BackupOptions(include_image=True)))

    assert "is not on the host any more" in job.error
    assert list((data_dir / "backups").iterdir()) == []
    assert backed_up("app").image == "app:1"


# By hand

NASTY = 'it\'s "quoted", $HOME `id`; of\ntwo lines'


@pytest.fixture
def shop(docker: APIClient, make_container: ContainerMaker, tmp_path: Path) -> Path:
    """A container with volumes, a folder and a file of the host; the folder."""
    folder = tmp_path / 'host\'s, "own" folder'
    folder.mkdir()
    (folder / "page").write_text("<html>")
    (tmp_path / "shop.conf").write_text("open = yes\n")
    images.build(docker, "shop:1", ['VOLUME ["/var/lib/shop"]', 'CMD ["/bin/idle"]'])
    (tmp_path / "goods").mkdir()
    options = {"type": "none", "o": "bind", "device": f"{tmp_path}/goods"}
    docker.create_volume("goods", driver_opts=options)
    docker.create_volume("tills", labels={"say": NASTY})
    mounts = [
        {"Type": "volume", "Source": "tills", "Target": "/tills"},
        {"Type": "volume", "Source": "goods", "Target": "/goods"},
        {"Type": "bind", "Source": str(folder), "Target": "/pages"},
        {"Type": "bind", "Source": f"{tmp_path}/shop.conf", "Target": "/etc/shop.conf"},
    ]
    container = make_container("shop", image="shop:1", host={"mounts": mounts}, start=False)
    for mount in docker.inspect_container(container)["Mounts"]:
        if mount["Type"] == "volume":
            root = place_of(docker, mount["Name"])
            (root / "empty").mkdir(mode=0o700)
            (root / "file").write_text(mount["Destination"])
            (root / "link").symlink_to("../outside")
            (root / "second").hardlink_to(root / "file")
            (root / "file").chmod(0o4711)
            root.chmod(0o2770)
    return folder


def place_of(docker: APIClient, volume: str) -> Path:
    """Where a volume's files are, also while nobody mounts it."""
    options = docker.inspect_volume(volume)["Options"] or {}
    return Path(options["device"]) if options else volume_path(docker, volume)


def empty(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    folder.chmod(0o755)


def commands_of(text: str) -> list[str]:
    """What is to be typed according to a README, block by block."""
    blocks = [block for block in re.split(r"\n\n+", text) if block.startswith("     ")]
    return [re.sub(r"^     ", "", block, flags=re.MULTILINE) for block in blocks]


def test_the_readme_brings_a_container_back_when_followed_to_the_letter(
    shop: Path, docker: APIClient, tmp_path: Path, make_container: ContainerMaker
) -> None:
    inspect = docker.inspect_container("shop")
    volumes = {
        m["Name"]: docker.inspect_volume(m["Name"]) for m in inspect["Mounts"] if "Name" in m
    }
    trees = {name: tree_of(place_of(docker, name)) for name in volumes}
    folder = tree_of(shop)
    backup = backed_up("shop", include_image=True, include_bind_mounts=True)
    docker.remove_container("shop")
    docker.remove_image("shop:1")
    for name in volumes:
        docker.remove_volume(name)
    empty(tmp_path / "goods")
    empty(shop)
    shop.rmdir()
    (tmp_path / "shop.conf").write_text("lost")
    (tmp_path / backup.filename).symlink_to(archive_path(backup.filename))
    with ArchiveReader(archive_path(backup.filename)) as archive:
        readme = archive.read_file("backup/README.txt").decode()

    images.build_with_tar(docker, "debian:stable")

    *commands, last = commands_of(readme)
    shell(commands, tmp_path)

    assert docker.inspect_image("shop:1")["Id"] == inspect["Image"]
    for name, before in volumes.items():
        after = docker.inspect_volume(name)
        # Some versions of the command line say nothing, others that there is nothing.
        assert (after["Labels"] or {}, after["Options"] or {}) == (
            before["Labels"] or {},
            before["Options"] or {},
        )
        assert tree_of(place_of(docker, name)) == trees[name]
    assert tree_of(shop) == folder
    assert (tmp_path / "shop.conf").read_text() == "open = yes\n"
    assert docker.containers(all=True) == []
    assert last.strip() == "docker compose -f backup/compose.yaml create"
    compose = yaml.safe_load((tmp_path / "restore" / "backup" / "compose.yaml").read_text())
    service = compose["services"]["shop"]
    assert service["image"] == "shop:1"
    assert sorted(mount["target"] for mount in service["volumes"]) == [
        "/etc/shop.conf",
        "/goods",
        "/pages",
        "/tills",
        "/var/lib/shop",
    ]


def test_the_readme_gives_an_image_without_a_tag_its_name(
    app: str, docker: APIClient, tmp_path: Path
) -> None:
    images.build(docker, "app:1", ['CMD ["/bin/idle"]'], {"/etc/app": b"second"})
    backup = backed_up("app", include_image=True)
    docker.remove_container("app")
    docker.remove_image("app:1")
    docker.remove_image(app)
    folder = unpacked(backup, tmp_path / "out")

    commands = commands_of((folder / "backup" / "README.txt").read_text())
    shell([block for block in commands if "docker load" in block], folder)

    assert docker.inspect_image("app:1")["Id"] == app


def test_the_readme_says_where_an_image_comes_from_that_is_not_in_the_archive(app: str) -> None:
    backup = backed_up("app")

    with ArchiveReader(archive_path(backup.filename)) as archive:
        readme = archive.read_file("backup/README.txt").decode()
    assert "docker pull app:1" in commands_of(readme)

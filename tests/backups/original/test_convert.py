"""backups.original: archives of the original are made into ours, and lose nothing in silence"""

import io
import json
import tarfile
import tracemalloc
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backups import adoption
from backups.adoption import adopt
from backups.archive.errors import ArchiveProblem, DamagedArchive
from backups.archive.reader import ArchiveReader
from backups.files import archive_path
from backups.models import Backup
from backups.original.convert import recognises
from tests.backups.original.making import (
    CONFIG,
    SAMPLE,
    archive_of,
    gzipped,
    mount,
    parts_of,
    sample_parts,
    tar_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]

DATA = "volumes/data_data.tar.gz"
VOLUME = mount("volume", "data", "/data")


@pytest.fixture
def brought(tmp_path) -> Path:
    return tmp_path / "brought.tar.gz"


def manifest_of(backup: Backup) -> dict[str, Any]:
    with ArchiveReader(archive_path(backup.filename)) as archive:
        return archive.manifest


def reasons(backup: Backup) -> dict[str, str]:
    """Why something is lost, by where it was mounted."""
    return {item["destination"]: item["reason"] for item in backup.metadata["skipped"]}


def content_of(backup: Backup) -> dict[str, bytes]:
    """Every file of the volumes, as plain tar reads them."""
    with tarfile.open(archive_path(backup.filename)) as tar:
        return {
            "/".join(member.name.split("/")[2:]): tar.extractfile(member).read()
            for member in tar
            if member.name.startswith("volumes/") and member.isfile()
        }


def kept_nothing(data_dir: Path) -> bool:
    return not Backup.objects.exists() and not list((data_dir / "backups").iterdir())


def test_the_sample_comes_over_whole():
    before = SAMPLE.read_bytes()
    backup = adopt(SAMPLE)
    assert SAMPLE.read_bytes() == before
    assert backup.container_name == "sample-web"
    assert backup.image == "busybox:latest"
    assert backup.created == datetime(2026, 11, 23, 14, 32, 37, 192223, tzinfo=UTC)
    assert backup.filename == "sample-web_20261123_143237.tar.gz"
    assert (backup.verified, backup.metadata["image_included"]) == (True, True)
    assert backup.metadata["skipped"] == []
    assert backup.metadata["port_mappings"] == {"80/tcp": [{"host_ip": "", "host_port": "18090"}]}
    assert content_of(backup) == {"index.html": b"hello\n", "sub/a.txt": b"sub\n"}
    manifest = manifest_of(backup)
    assert manifest["image"]["tags"] == ["busybox:latest"]
    assert manifest["converted"]["filename"] == SAMPLE.name
    assert manifest["converted"]["size"] == len(before)


def test_the_image_is_that_of_the_sample():
    with ArchiveReader(archive_path(adopt(SAMPLE).filename)) as archive:
        image = b"".join(archive.image_stream())
    with tarfile.open(fileobj=io.BytesIO(image)) as tar:
        names = tar.getnames()
    assert "manifest.json" in names
    assert any(name.endswith("layer.tar") for name in names)


def test_it_is_not_taken_twice():
    assert adopt(SAMPLE) == adopt(SAMPLE)
    assert Backup.objects.count() == 1


def test_one_whose_archive_was_lost_is_taken_in_again():
    lost = adopt(SAMPLE)
    archive_path(lost.filename).unlink()
    again = adopt(SAMPLE)
    assert again != lost
    assert archive_path(again.filename).exists()


def test_of_two_at_once_one_is_listed(data_dir, monkeypatch):
    first: list[Backup] = []
    verify = adoption.verify

    def others_are_quicker(*arguments, **options):
        monkeypatch.setattr(adoption, "verify", verify)
        first.append(adopt(SAMPLE))
        return verify(*arguments, **options)

    monkeypatch.setattr(adoption, "verify", others_are_quicker)
    assert [adopt(SAMPLE)] == first == list(Backup.objects.all())
    assert [path.name for path in (data_dir / "backups").iterdir()] == [first[0].filename]


def test_one_that_lies_among_the_backups_stays_beside_ours(data_dir):
    lying = data_dir / "backups" / "sample-web_20261123_143237.tar.gz"
    lying.write_bytes(SAMPLE.read_bytes())
    assert adopt(lying).filename == "sample-web_20261123_143237-2.tar.gz"
    assert lying.read_bytes() == SAMPLE.read_bytes()


def test_the_note_in_place_of_data_is_named(brought):
    note = b"# Volume data backup failed: No such image: alpine\n\x1b[31m"
    backup = adopt(archive_of(brought, parts_of([VOLUME]) | {DATA: note}))
    assert backup.metadata["volumes"] == []
    assert "Volume data backup failed: No such image: alpine" in reasons(backup)["/data"]
    assert "\x1b" not in reasons(backup)["/data"]


def test_the_note_in_place_of_the_image_is_named(brought):
    note = b"# Image export failed for 'busybox': timed out\n"
    backup = adopt(archive_of(brought, parts_of([]) | {"image.tar": note}))
    assert not backup.metadata["image_included"]
    assert "timed out" in reasons(backup)["the image"]


def test_data_that_is_missing_is_named(brought):
    backup = adopt(archive_of(brought, parts_of([VOLUME])))
    assert reasons(backup) == {"/data": "The original Container Monkey kept nothing of it."}
    assert not backup.metadata["image_included"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "kept nothing"),
        (b"what is this", "not a gzip file"),
        (gzipped(tar_of({"a": b"b" * 9999}))[:-9], "cut short or damaged"),
        (gzipped(tar_of({"a": b"b"}))[:-1] + b"\xff", "cut short or damaged"),
        (gzipped(b"no tar" * 500), "no tar header"),
        (gzipped(tar_of({"a": b"b" * 9999})[:2000]), "ended in the middle"),
        (gzipped(b""), "empty"),
        (gzipped(bytes(1024)), "not even the folder"),
        (gzipped(tar_of({"../out": b"x"})), "no place"),
        (gzipped(tar_of({"a": b"b"}, root="/etc/")), "not the folder itself"),
        (gzipped(tar_of({"a": b"b"}, root="sub/")), "not the folder itself"),
    ],
    ids=range(11),
)
def test_data_that_is_not_sound_is_named_and_the_rest_comes(brought, data, reason):
    good = mount("volume", "good", "/good")
    parts = {DATA: data, "volumes/good_data.tar.gz": gzipped(tar_of({"f": b"kept"}))}
    backup = adopt(archive_of(brought, parts_of([VOLUME, good]) | parts))
    assert reason in reasons(backup)["/data"]
    assert content_of(backup) == {"f": b"kept"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_link_cannot_lead_what_follows_elsewhere(brought, kind, tmp_path):
    inner = tmp_path / "inner.tar"
    with tarfile.open(inner, "w") as tar:
        for name, link in (("./", ""), ("./l", "/etc"), ("./l/passwd", "")):
            info = tarfile.TarInfo(name)
            info.type = kind if link else tarfile.DIRTYPE if name == "./" else tarfile.REGTYPE
            info.linkname = link
            tar.addfile(info)
    data = gzipped(inner.read_bytes())
    backup = adopt(archive_of(brought, parts_of([VOLUME]) | {DATA: data}))
    assert "/data" in reasons(backup)
    assert content_of(backup) == {}


def test_folders_and_single_files_of_the_host_come_too(brought):
    mounts = [mount("bind", "/srv/www", "/www"), mount("bind", "/srv/app.conf", "/conf")]
    single = tar_of({"app.conf": b"on"}, root="")
    # Without the folder that `tar_of` begins with: the original packed the file alone.
    parts = {
        "volumes/bind_www_data.tar.gz": gzipped(tar_of({"index": b"hi"}, root="www/")),
        "volumes/bind_app.conf_data.tar.gz": gzipped(single[512:]),
    }
    backup = adopt(archive_of(brought, parts_of(mounts) | parts))
    assert reasons(backup) == {}
    files = {source["name"]: source["file"] for source in manifest_of(backup)["sources"]}
    assert files == {"/srv/www": False, "/srv/app.conf": True}
    assert content_of(backup) == {"index": b"hi", "": b"on"}


def test_what_was_written_over_each_other_is_told_apart_from_nothing(brought):
    mounts = [mount("bind", "/a/www", "/one"), mount("bind", "/b/www", "/two")]
    data = gzipped(tar_of({"index": b"hi"}, root="www/"))
    parts = {"volumes/bind_www_data.tar.gz": data}
    backup = adopt(archive_of(brought, parts_of(mounts) | parts))
    assert set(reasons(backup)) == {"/one", "/two"}
    assert "cannot be told whose data" in reasons(backup)["/one"]


def test_a_volume_that_is_mounted_twice_comes_once(brought):
    parts = parts_of([VOLUME, mount("volume", "data", "/again")])
    backup = adopt(archive_of(brought, parts | {DATA: gzipped(tar_of({"f": b"x"}))}))
    assert [item["destination"] for item in backup.metadata["volumes"]] == ["/data, /again"]


def test_what_has_no_content_is_named(brought):
    backup = adopt(archive_of(brought, parts_of([mount("tmpfs", "", "/tmp")])))
    assert "no content" in reasons(backup)["/tmp"]


def test_driver_and_options_of_a_volume_come_over(brought):
    told = {"name": "data", "driver": "local", "options": {"type": "nfs", "device": ":/x"}}
    parts = parts_of([VOLUME]) | {
        "volumes/data_metadata.json": json.dumps(told).encode(),
        DATA: gzipped(tar_of({})),
    }
    backup = adopt(archive_of(brought, parts))
    assert manifest_of(backup)["sources"][0]["volume"]["Options"] == told["options"]


def test_without_a_date_that_of_the_file_counts(brought):
    backup = adopt(archive_of(brought, parts_of([])))
    assert backup.created == datetime.fromtimestamp(1_700_000_000, UTC)


@pytest.mark.parametrize(
    "mounts",
    [
        [mount("volume", "../../etc", "/data")],
        [mount("volume", "a b", "/data")],
        [mount("bind", "relative", "/data")],
    ],
)
def test_hostile_names_of_volumes_are_refused(brought, data_dir, mounts):
    name = mounts[0]["Source"].rpartition("/")[2]
    data = gzipped(tar_of({}, root="relative/" if name == "relative" else "./"))
    stem = f"bind_{name}" if name == "relative" else mounts[0]["Source"]
    parts = {f"volumes/{stem}_data.tar.gz": data} if ".." not in stem else {}
    with pytest.raises(ArchiveProblem):
        # The data of the first cannot even be named: it is the manifest that refuses it.
        adopt(archive_of(brought, parts_of(mounts) | parts | extra_data(mounts)))
    assert kept_nothing(data_dir)


def extra_data(mounts: list[dict[str, Any]]) -> dict[str, bytes]:
    return {f"volumes/{mounts[0]['Source']}_data.tar.gz": gzipped(tar_of({}))}


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil"])
def test_an_entry_that_leads_elsewhere_is_refused(brought, data_dir, name):
    with pytest.raises(DamagedArchive, match="odd entry"):
        adopt(archive_of(brought, parts_of([]), tarfile.TarInfo(name)))
    assert kept_nothing(data_dir)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_an_entry_of_a_kind_that_it_never_had_is_refused(brought, data_dir, kind):
    info = tarfile.TarInfo("./volumes/x")
    info.type, info.linkname = kind, "/etc/passwd"
    with pytest.raises(DamagedArchive, match="odd entry"):
        adopt(archive_of(brought, parts_of([]), info))
    assert kept_nothing(data_dir)


@pytest.mark.parametrize(
    "change",
    [
        {"Name": "/../../etc"},
        {"Name": 7},
        {"State": None},
        {"Config": {}},
        {"HostConfig": []},
        {"Mounts": [{}]},
        {"Created": "yesterday"},
    ],
)
def test_an_odd_description_is_refused(brought, data_dir, change):
    with pytest.raises(ArchiveProblem):
        adopt(archive_of(brought, parts_of(**change)))
    assert kept_nothing(data_dir)


@pytest.mark.parametrize("cut", [100_000, 500_000, 1_037_000])
def test_an_archive_that_is_cut_is_refused(brought, data_dir, cut):
    brought.write_bytes(SAMPLE.read_bytes()[:cut])
    with pytest.raises(DamagedArchive):
        adopt(brought)
    assert kept_nothing(data_dir)


def test_an_archive_with_a_wrong_checksum_is_refused(brought, data_dir):
    content = bytearray(SAMPLE.read_bytes())
    content[-8] ^= 1
    brought.write_bytes(content)
    with pytest.raises(DamagedArchive, match="cut short or damaged"):
        adopt(brought)
    assert kept_nothing(data_dir)


def test_a_file_that_comes_twice_is_refused(brought, data_dir):
    again = tarfile.TarInfo(f"./{CONFIG}")
    with pytest.raises(DamagedArchive, match="twice"):
        adopt(archive_of(brought, parts_of([]), again))
    assert kept_nothing(data_dir)


def test_a_bomb_is_read_in_constant_memory(brought):
    packer = zlib.compressobj(9, wbits=31)
    head = tarfile.TarInfo("./zeros")
    head.size = 256 << 20
    folder = tarfile.TarInfo("./")
    folder.type = tarfile.DIRTYPE
    pieces = [packer.compress(folder.tobuf() + head.tobuf())]
    pieces += [packer.compress(bytes(1 << 20)) for _ in range(256)]
    pieces += [packer.compress(bytes(1024)), packer.flush()]
    path = archive_of(brought, parts_of([VOLUME]) | {DATA: b"".join(pieces)})
    tracemalloc.start()
    try:
        backup = adopt(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert backup.metadata["volumes"][0]["size"] == 256 << 20
    assert peak < 64 << 20


def test_other_archives_are_not_taken_for_it(brought, tmp_path):
    assert recognises(SAMPLE)
    assert not recognises(tmp_path / "missing")
    brought.write_bytes(b"text")
    assert not recognises(brought)
    assert not recognises(archive_of(brought, {"other.json": b"{}"}))
    ours = adopt(SAMPLE)
    assert not recognises(archive_path(ours.filename))


def test_the_sample_has_what_the_tests_think(brought):
    assert set(sample_parts()) >= {CONFIG, "image.tar", "volumes/sample-data_data.tar.gz"}

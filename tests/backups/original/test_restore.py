"""What the original saved is previewed and restored like any other backup."""

import pytest

from backups.adoption import adopt
from backups.options import RestoreOptions
from backups.services import plan_restore
from tests.arrange import run_in
from tests.backups.original.making import SAMPLE, archive_of, mount, parts_of
from tests.backups.pages import text_of
from tests.backups.steps import restored, tree_of, volume_path

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]


def test_the_sample_comes_back_with_image_and_data(docker):
    backup = adopt(SAMPLE)
    job = restored(backup)
    assert job.result["report"] == []
    inspect = docker.inspect_container("sample-web")
    assert inspect["State"]["Running"]
    assert inspect["Config"]["Env"] == ["GREETING=hello"]
    assert inspect["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"
    assert run_in(docker, "sample-web", "cat", "/www/sub/a.txt") == "sub\n"
    assert set(tree_of(volume_path(docker, "sample-data"))) == {
        *(".", "index.html", "sub", "sub/a.txt")
    }


def test_its_page_and_its_plan_name_what_is_lost(admin_client, tmp_path, busybox):
    note = b"# Volume data backup failed: timed out\n"
    parts = parts_of([mount("volume", "sample-data", "/www")])
    parts["volumes/sample-data_data.tar.gz"] = note
    backup = adopt(archive_of(tmp_path / "b.tar.gz", parts))
    words = "could not read it: “Volume data backup failed: timed out”"
    page = text_of(admin_client.get(f"/backups/{backup.filename}/"))
    assert words in page
    assert "b.tar.gz An archive of the original Container Monkey" in page
    steps = plan_restore(backup.filename, RestoreOptions()).steps
    assert any(words in step for step in steps)


def test_the_api_previews_it(admin_client):
    backup = adopt(SAMPLE)
    answer = admin_client.get(f"/api/backup/{backup.filename}/preview").json()
    assert answer["container"]["name"] == "sample-web"
    key = answer["metadata"]["volumes"][0]["key"]
    inside = admin_client.get(f"/api/backup/{backup.filename}/preview?path=/{key}").json()
    assert {file["path"] for file in inside["files"]} == {f"/{key}/index.html", f"/{key}/sub"}

"""One file or folder of a backup comes back into its volume, exactly, or nothing is changed."""

import base64
import os
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups import put_back as putting_back
from backups.models import Backup
from backups.put_back import plan_put_back, request_put_back
from containermonkey.problems import Conflict, Invalid, NotFound
from engine import engine as open_engine
from jobs.models import Job, Status
from jobs.worker import recover, run_next
from tests.arrange import ContainerMaker, run_in
from tests.backups.steps import backed_up, finished, tree_of, volume_path
from tests.backups.test_restore_faults import stop_here
from tests.backups.workers import kill, worker_process
from tests.waiting import wait_for
from volumes import aside, replacing
from volumes.aside import Place
from volumes.reach import DirectoryReach
from volumes.replacing import Spot, look_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]


class Scene:
    """A running container, backed up, whose files have changed since."""

    def __init__(self, docker: APIClient, make_container: ContainerMaker) -> None:
        make_container("app", host={"binds": ["app-data:/data"], "init": True})
        saved = "mkdir -p conf/deep; echo saved > conf/app.ini; echo saved > conf/deep/one"
        named = "chmod 750 conf; ln conf/app.ini same"
        run_in(docker, "app", "sh", "-ec", f"cd /data; {saved}; {named}")
        self.backup: Backup = backed_up("app")
        self.key = self.backup.metadata["volumes"][0]["key"]
        since = "echo present > conf/app.ini; touch conf/since; rm -r conf/deep"
        run_in(docker, "app", "sh", "-ec", f"cd /data; {since}")
        self.root = volume_path(docker, "app-data")

    def look(self) -> dict[str, Any]:
        return tree_of(self.root)

    def request(self, path: str, **options: Any) -> Job:
        return request_put_back(self.backup.filename, f"/{self.key}/{path}", **options)

    def put_back(self, path: str, **options: Any) -> Job:
        job = finished(self.request(path, **options))
        assert job.status == Status.COMPLETE, job.error
        return job


@pytest.fixture
def scene(docker: APIClient, make_container: ContainerMaker, data_dir: Path) -> Scene:
    return Scene(docker, make_container)


def test_a_file_is_replaced_and_nothing_else_is_touched(scene):
    before = scene.look()
    scene.put_back("conf/app.ini")
    assert (scene.root / "conf/app.ini").read_text() == "saved\n"
    after = scene.look()
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed <= {".", "conf", "conf/app.ini"}  # of the folders above, the times


def test_a_folder_is_replaced_exactly(scene):
    job = scene.put_back("conf")
    assert sorted(os.listdir(scene.root / "conf")) == ["app.ini", "deep"]
    assert (scene.root / "conf/deep/one").read_text() == "saved\n"
    assert (scene.root / "conf").stat().st_mode & 0o777 == 0o750
    assert job.undo == []
    assert sorted(os.listdir(scene.root)) == ["conf", "same"]


def test_what_is_gone_comes_back(scene):
    scene.put_back("conf/deep")
    assert (scene.root / "conf/deep/one").read_text() == "saved\n"


def test_a_further_name_of_a_file_comes_back_as_the_file(scene):
    scene.put_back("same")
    assert (scene.root / "same").read_text() == "saved\n"


def test_beside_nothing_is_replaced(scene):
    before = scene.look()
    scene.put_back("conf/app.ini", beside=True)
    (new,) = set(os.listdir(scene.root / "conf")) - {"app.ini", "since"}
    assert new.startswith("app.ini.from-20")
    assert (scene.root / "conf" / new).read_text() == "saved\n"
    assert scene.look()["conf/app.ini"] == before["conf/app.ini"]
    with pytest.raises(Conflict, match="there already"):
        scene.request("conf/app.ini", beside=True)


def test_a_name_that_is_not_utf_8_comes_back(scene, docker):
    name = b"caf\xe9"
    path = os.fsencode(scene.root) + b"/" + name
    Path(os.fsdecode(path)).write_text("latin")
    backup = backed_up("app")
    Path(os.fsdecode(path)).unlink()
    finished(request_put_back(backup.filename, f"/{scene.key}/caf\\xe9"))
    assert Path(os.fsdecode(path)).read_text() == "latin"


def test_the_plan_says_what_is_replaced_and_who_uses_it(scene):
    plan = plan_put_back(scene.backup.filename, f"/{scene.key}/conf")
    assert (plan.replaces, plan.running, plan.is_folder) == (True, ["app"], True)
    assert not plan_put_back(scene.backup.filename, f"/{scene.key}/conf/deep").replaces


def test_a_folder_above_that_is_gone_is_named(scene):
    with pytest.raises(NotFound, match="/conf/deep is not in app-data any more"):
        scene.request("conf/deep/one")


def test_a_folder_above_that_has_become_a_link_is_not_followed(scene, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (scene.root / "conf").rename(scene.root / "moved")
    (scene.root / "conf").symlink_to(elsewhere)
    with pytest.raises(NotFound):
        scene.request("conf/app.ini")
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("path", ["../up", "conf/../../up", "conf/./app.ini", "conf//app.ini"])
def test_no_path_leads_out_of_the_volume(scene, path):
    place = Place("volume", "app-data", str(scene.root), "key", "job")
    with open_engine() as ours, pytest.raises(Invalid, match="There can be no"):
        look_at(ours, Spot(place, path))


def test_a_link_that_comes_in_the_last_moment_is_not_followed(tmp_path):
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    root.mkdir()
    elsewhere.mkdir()
    (root / "new").write_text("new")
    (root / "conf").symlink_to(elsewhere)
    with pytest.raises(OSError, match="Not a directory"):
        DirectoryReach(root).move("new", "conf/app.ini")
    assert (root / "new").exists()
    assert list(elsewhere.iterdir()) == []


def test_a_whole_volume_is_not_put_back(scene):
    with pytest.raises(Invalid, match="restoring its backup"):
        scene.request("")


def test_a_volume_that_is_gone_is_said_so(scene, docker):
    docker.remove_container("app", force=True)
    docker.remove_volume("app-data")
    with pytest.raises(NotFound, match="app-data is not there any more"):
        scene.request("conf")


def test_through_a_helper_image_it_is_the_same(scene, busybox, settings, monkeypatch):
    settings.HELPER_IMAGE = busybox
    monkeypatch.setattr(aside, "is_visible", lambda place, folder: False)
    scene.put_back("conf")
    assert (scene.root / "conf/deep/one").read_text() == "saved\n"
    assert sorted(os.listdir(scene.root)) == ["conf", "same"]


def test_without_a_way_in_it_is_refused_beforehand(scene, monkeypatch):
    monkeypatch.setattr(aside, "is_root", lambda: False)
    before = scene.look()
    with pytest.raises(Conflict, match="CONTAINERMONKEY_HELPER_IMAGE"):
        scene.request("conf")
    assert scene.look() == before


STEPS = [
    ("conf", putting_back, "make_room", 1),
    ("conf", putting_back, "unpack", 1),
    ("conf", DirectoryReach, "move", 1),
    ("conf", DirectoryReach, "move", 2),
    ("conf", putting_back, "exchange", 1),
    ("conf/deep", putting_back, "unpack", 1),
    ("conf/deep", DirectoryReach, "move", 1),
]
"""What is put back, and the step after which the worker is killed: its owner, name and call."""


@pytest.mark.parametrize(("path", "owner", "name", "call"), STEPS)
def test_a_worker_killed_after_any_step_leaves_what_was_there(
    scene, path, owner, name, call, tmp_path, monkeypatch
):
    marker, original, calls = tmp_path / "reached", getattr(owner, name), []

    def then_stop(*arguments: Any) -> Any:
        answer = original(*arguments)
        calls.append(name)
        if len(calls) == call:
            stop_here(marker)
        return answer

    monkeypatch.setattr(owner, name, then_stop)
    before = without_times(scene.look())
    job = scene.request(path)
    with worker_process() as process:
        wait_for(marker.exists, f"the step {name}")
        kill(process)
    monkeypatch.setattr(owner, name, original)  # the undo moves things too
    recover()
    job.refresh_from_db()
    assert (job.status, job.undo) == (Status.INTERRUPTED, [])
    assert without_times(scene.look()) == before


def without_times(tree: dict[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    """Those of folders change with the entries in them."""
    return {name: seen[:3] + seen[4:] for name, seen in tree.items()}


def test_taking_back_twice_is_taking_back_once(scene):
    scene.put_back("conf")
    before = scene.look()
    place = vars(aside.Place("volume", "app-data", str(scene.root), scene.key, "over"))
    for _ in range(2):
        replacing.take_back(place, base64.b64encode(b"conf").decode(), "", had=True)
    assert scene.look() == before


@pytest.mark.parametrize("beside", [False, True])
def test_what_comes_to_be_there_meanwhile_is_not_replaced(scene, beside):
    job = scene.request("conf/deep", beside=beside)
    name = target_name(job, scene) if beside else "deep"
    (scene.root / "conf" / name).write_text("somebody else's")
    before = scene.look()
    assert run_next()
    job.refresh_from_db()
    assert job.status == Status.FAILED
    assert ("is there already" if beside else "has come to be in app-data since") in job.error
    assert (scene.root / "conf" / name).read_text() == "somebody else's"
    assert scene.look().keys() == before.keys()


def target_name(job: Job, scene: Scene) -> str:
    created = scene.backup.created.strftime("%Y%m%dT%H%M%S")
    return f"deep.from-{created}"

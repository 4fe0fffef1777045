"""An Engine that restarts in the middle of a backup whose data is read past it."""

from pathlib import Path

import pytest
from docker import APIClient

from backups.archive.verify import verify
from backups.consistency import TORN
from backups.files import archive_path
from backups.models import Backup
from backups.options import BackupOptions
from backups.preview import container_preview
from backups.sets.services import request_stack_backup
from jobs.worker import settle
from tests.arrange import ContainerMaker, left_by_jobs
from tests.backups.capturing import Scene, at_first_block, states
from tests.backups.sets.shop import MEMBERS, STACK, make_shop
from tests.backups.steps import backed_up, failed
from tests.private_engine import PrivateEngine

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]


@pytest.mark.parametrize(
    ("policy", "warnings"),
    [("no", []), ("always", [f"app was let go by somebody else while the data was read. {TORN}"])],
)
def test_a_restart_is_survived_and_a_container_that_it_starts_is_said(
    docker: APIClient,
    make_container: ContainerMaker,
    data_dir: Path,
    engine: PrivateEngine,
    monkeypatch: pytest.MonkeyPatch,
    policy: str,
    warnings: list[str],
) -> None:
    scene = Scene(docker, make_container, data_dir)
    docker.update_container("app", restart_policy={"Name": policy, "MaximumRetryCount": 0})
    at_first_block(monkeypatch, engine.restart)

    backup = backed_up("app", consistency="stop")

    assert scene.state()["Running"]
    assert left_by_jobs(docker) == []
    path = archive_path(backup.filename)
    assert verify(path).sha256 == backup.sha256
    assert container_preview(backup.filename).warnings == warnings


def test_one_that_dies_while_a_stack_is_read_finds_everything_back_later(
    docker: APIClient,
    make_container: ContainerMaker,
    data_dir: Path,
    engine: PrivateEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_shop(docker, make_container)
    at_first_block(monkeypatch, engine.kill)

    job = failed(request_stack_backup(STACK, BackupOptions(consistency="stop")))

    assert "Not everything could be put back yet" in job.error
    assert list((data_dir / "backups").iterdir()) == []
    engine.start()
    settle()
    job.refresh_from_db()
    assert job.undo == []
    assert not Backup.objects.exists()
    assert states(docker) == dict.fromkeys(MEMBERS, "running")

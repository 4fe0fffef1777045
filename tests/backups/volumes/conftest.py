"""A volume that is backed up by itself."""

from collections.abc import Callable
from pathlib import Path

import pytest
from docker import APIClient

from backups.models import Backup
from backups.options import BackupOptions
from backups.volumes.capture import request_volume_backup
from jobs.models import Status
from tests.backups.steps import finished, volume_path

Save = Callable[..., Backup]


@pytest.fixture
def data(docker: APIClient) -> Path:
    """A volume `data` with labels and a few files; where it lies."""
    docker.create_volume("data", labels={"tier": "gold"})
    root = volume_path(docker, "data")
    (root / "folder").mkdir()
    (root / "folder" / "below").write_text("deep")
    (root / "file").write_text("content")
    (root / "link").symlink_to("file")
    root.chmod(0o750)
    return root


@pytest.fixture
def save(data_dir: Path) -> Save:
    """Backs a volume up, as a person would ask for it."""

    def saved(name: str = "data", **options: str) -> Backup:
        job = finished(request_volume_backup(name, BackupOptions(**options)))  # type: ignore[arg-type]
        assert job.status == Status.COMPLETE, f"{job.error}\n{job.log}"
        return Backup.objects.get(filename=job.result["filename"])

    return saved

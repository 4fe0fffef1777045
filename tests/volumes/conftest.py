from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backups.models import Backup

Save = Callable[..., None]


@pytest.fixture
def saved(data_dir: Path) -> Save:
    """Lists a backup that holds a volume, and has its file."""

    def save(volume: str, filename: str, kind: str = "volume", **fields: Any) -> None:
        (data_dir / "backups" / filename).write_bytes(b"x")
        Backup.objects.create(
            **{"created": datetime.now(UTC), "verified": True} | fields,
            filename=filename,
            container_name="web",
            size=1,
            metadata={"volumes": [{"name": volume, "destination": "/data", "type": kind}]},
        )

    return save

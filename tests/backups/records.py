"""Records of backups for tests that need no archive behind them."""

from datetime import UTC, datetime, timedelta

from backups.models import Backup

NEWEST = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
METADATA = {
    "volumes": [],
    "port_mappings": {},
    "environment": [],
    "networks": ["bridge"],
    "image_included": False,
    "skipped": [],
}


def make_record(container: str = "web", age: int = 0, **values) -> Backup:
    """Record a backup of `container` made `age` days before the newest."""
    created = NEWEST - timedelta(days=age)
    return Backup.objects.create(
        **{
            "filename": f"{container}_{created:%Y%m%d_%H%M%S}.tar.gz",
            "container_name": container,
            "container_id": "c" * 64,
            "image": "busybox:test",
            "size": 1000,
            "created": created,
            "sha256": "0" * 64,
            "verified": True,
            "metadata": METADATA,
            **values,
        }
    )

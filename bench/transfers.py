"""Backup and restore beside `docker run --rm -v vol:/v busybox tar cz` and its reverse."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.data import DATASETS, MIB
from bench.ground import Ground, next_job, seconds, settle

if TYPE_CHECKING:
    from jobs.models import Job


WAYS = ("engine", "directory")
"""Through the Engine's archive calls; with GNU tar, from and into the directory itself."""


@dataclass(frozen=True)
class Transfer:
    """Seconds and bytes of one dataset; `peak` is the memory of our worker process.

    `way` is how the volume travels, `beside_engine` how much quicker than through the Engine the
    backup and the restore are.
    """

    name: str
    way: str
    size: int
    archive: int
    plain_archive: int
    backup: float
    plain_backup: float
    restore: float
    plain_restore: float
    peak: int
    preview: float
    beside_engine: tuple[float, float] = (1.0, 1.0)

    def row(self) -> list[str]:
        return [
            self.name,
            self.way,
            f"{self.size / MIB:.0f} MiB",
            rate(self.size, self.plain_backup),
            rate(self.size, self.backup),
            f"{self.plain_backup / self.backup:.1f} x",
            f"{self.beside_engine[0]:.1f} x",
            rate(self.size, self.plain_restore),
            rate(self.size, self.restore),
            f"{self.plain_restore / self.restore:.1f} x",
            f"{self.beside_engine[1]:.1f} x",
            f"{self.archive / self.size:.2f} ({self.plain_archive / self.size:.2f})",
            f"{self.peak / MIB:.0f} MiB",
            f"{self.preview * 1000:.1f} ms",
        ]


HEADINGS = [
    *["volume", "way", "size", "busybox tar cz", "backup", "ratio", "to the Engine's"],
    *[
        "busybox tar xz",
        "restore",
        "ratio",
        "to the Engine's",
        "compressed to (tar cz)",
        "peak",
        "preview",
    ],
]


def rate(size: int, duration: float) -> str:
    return f"{size / MIB / duration:.0f} MiB/s"


def measure_transfers(ground: Ground, size: int) -> list[Transfer]:
    """All datasets, one after the other, each through the Engine and in the best way."""
    return [row for name in DATASETS for row in measure(ground, name, size)]


def measure(ground: Ground, name: str, size: int) -> list[Transfer]:
    """Fill a volume, take it out and bring it back: beside us, and in each of our ways."""
    volume = name.replace(" ", "-")
    where = ground.volume(volume)
    DATASETS[name](where, size)
    settle(where)
    content = sum(path.stat().st_size for path in where.rglob("*") if path.is_file())
    plain = ground.path / f"{volume}.tar.gz"
    plain_backup = seconds(lambda: plain_out(ground, volume, plain))
    plain_restore = seconds(lambda: plain_in(ground, f"{volume}-plain", plain))
    plain_size = plain.stat().st_size
    plain.unlink()
    ground.docker.remove_volume(f"{volume}-plain")
    settle(where)
    rows: list[Transfer] = []
    for way in WAYS:
        backup, restore, archive, peak, preview = ours(ground, volume, way)
        row = Transfer(
            *(name, way, content, archive, plain_size),
            *(backup, plain_backup, restore, plain_restore, peak, preview),
        )
        first = rows[0] if rows else row
        rows.append(replace(row, beside_engine=(first.backup / backup, first.restore / restore)))
        sys.stderr.write(f"  {name} done, {way}\n")
    ground.docker.remove_volume(volume)
    return rows


def plain_out(ground: Ground, volume: str, target: Path) -> None:
    with target.open("wb") as file:
        ground.docker_command(
            *["run", "--rm", "-v", f"{volume}:/v", "busybox:test", "tar", "czf", "-", "-C", "/v"],
            ".",
            stdout=file,
        )
        file.flush()


def plain_in(ground: Ground, volume: str, source: Path) -> None:
    with source.open("rb") as file:
        ground.docker_command(
            *["run", "--rm", "-i", "-v", f"{volume}:/v", "busybox:test"],
            *["tar", "xzf", "-", "-C", "/v"],
            stdin=file,
        )


def ours(ground: Ground, volume: str, way: str) -> tuple[float, float, int, int, float]:
    """The whole jobs, checking of the archive included: seconds, seconds, bytes, bytes, seconds.

    The volume is there again afterwards.
    """
    from backups.models import Backup
    from backups.options import BackupOptions, RestoreOptions
    from backups.preview import container_preview
    from backups.services import request_backup, request_restore
    from jobs.models import Job

    made = ground.docker.create_container(
        "busybox:test",
        ["true"],
        name=f"c-{volume}",
        host_config=ground.docker.create_host_config(binds=[f"{volume}:/v"]),
    )
    job = request_backup(made["Id"], BackupOptions())
    settle(ground.path)
    peak_out = next_job(way)
    backup = succeeded(Job.objects.get(pk=job.pk))
    record = Backup.objects.get(filename=backup.result["filename"])
    looked = min(
        seconds(lambda: container_preview(record.filename, with_conflicts=False)) for _ in range(5)
    )
    ground.docker.remove_container(made["Id"])
    ground.docker.remove_volume(volume)
    settle(ground.path)
    job = request_restore(record.filename, RestoreOptions())
    peak_in = next_job(way)
    restore = succeeded(Job.objects.get(pk=job.pk))
    ground.docker.remove_container(f"c-{volume}")
    return duration(backup), duration(restore), record.size, max(peak_out, peak_in), looked


def succeeded(job: "Job") -> "Job":
    """A figure of a job that failed would be a lie."""
    if job.status != "complete":
        raise RuntimeError(f"{job}: {job.error}")
    return job


def duration(job: "Job") -> float:
    if job.started_at is None or job.finished_at is None:
        raise RuntimeError(f"{job} has no times.")
    return (job.finished_at - job.started_at).total_seconds()

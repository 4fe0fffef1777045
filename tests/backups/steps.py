"""What most tests of backups begin with."""

from pathlib import Path
from typing import Any

from docker import APIClient

from backups.models import Backup
from backups.options import BackupOptions, RestoreOptions
from backups.services import plan_restore, request_backup, request_restore
from jobs.models import Job, Status
from jobs.worker import run_next
from networks.services import BUILT_IN


def backed_up(reference: str, **options: Any) -> Backup:
    """Back a container up, with the job that a person would start."""
    job = finished(request_backup(reference, BackupOptions(**options)))
    assert job.status == Status.COMPLETE, job.error
    return Backup.objects.get(filename=job.result["filename"])


def restored(backup: Backup, **options: Any) -> Job:
    """Restore a backup; the job, which got through."""
    job = finished(request_restore(backup.filename, RestoreOptions(**options)))
    assert job.status == Status.COMPLETE, job.error
    return job


def failed(job: Job) -> Job:
    """Run a job that is expected to fail."""
    job = finished(job)
    assert job.status == Status.FAILED
    assert job.error
    return job


def finished(job: Job) -> Job:
    """Run the queue's next job, which is this one, to its end."""
    assert run_next()
    job.refresh_from_db()
    assert job.ended
    return job


def state_of_host(docker: APIClient) -> dict[str, Any]:
    """What must be the same after a restore that failed: names, states, networks, volumes."""
    containers = docker.containers(all=True)
    return {
        "containers": sorted((c["Names"][0], c["Id"], c["State"]) for c in containers),
        "networks": sorted(
            (n["Name"], n["Id"]) for n in docker.networks() if n["Name"] not in BUILT_IN
        ),
        "volumes": sorted(v["Name"] for v in docker.volumes()["Volumes"] or []),
    }


def volume_path(docker: APIClient, name: str) -> Path:
    """Where a volume of the private Engine lies on this machine."""
    return Path(docker.inspect_volume(name)["Mountpoint"])


def tree_of(root: Path) -> dict[str, tuple[Any, ...]]:
    """Everything about a tree: kind, mode, owner, size, time in seconds, content or target."""
    found = {}
    for path in [root, *sorted(root.rglob("*"))]:
        status = path.lstat()
        content: Any = None
        if path.is_symlink():
            content = path.readlink()
        elif path.is_file():
            content = path.read_bytes()
        name = str(path.relative_to(root))
        owner = (status.st_uid, status.st_gid)
        found[name] = (oct(status.st_mode), *owner, int(status.st_mtime), content)
    return found


def kinds(options: RestoreOptions, filename: str) -> set[tuple[str, str]]:
    """What is in the way of a restore: kind and name."""
    conflicts = plan_restore(filename, options).conflicts
    return {(conflict.kind, conflict.name) for conflict in conflicts}

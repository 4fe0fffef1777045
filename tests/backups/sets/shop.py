"""A small stack: `web` needs `app`, which needs `db`; app and web share a volume."""

from typing import Any

from docker import APIClient

from backups.options import BackupOptions
from backups.sets.options import SetOptions
from backups.sets.queries import BackupSet, find_set
from backups.sets.services import request_set_restore, request_stack_backup
from jobs.models import Job, Status
from tests.arrange import ContainerMaker, run_in
from tests.backups.steps import finished

STACK = "shop"
NETWORK = "shop_default"
MEMBERS = ["shop-db-1", "shop-app-1", "shop-web-1"]


def compose(service: str, *needs: str) -> dict[str, str]:
    """The labels that compose gives to a container."""
    return {
        "com.docker.compose.project": STACK,
        "com.docker.compose.service": service,
        "com.docker.compose.depends_on": ",".join(f"{n}:service_started:false" for n in needs),
    }


def make_shop(docker: APIClient, make_container: ContainerMaker) -> None:
    """Make the stack as compose would, running, with a file in each volume."""
    docker.create_network(NETWORK, labels={"com.docker.compose.project": STACK})

    def make(service: str, *needs: str, host: dict[str, Any], **config: Any) -> None:
        endpoint = docker.create_endpoint_config(aliases=[service])
        make_container(
            f"shop-{service}-1",
            labels=compose(service, *needs),
            networking={NETWORK: endpoint},
            host=host | {"network_mode": NETWORK},
            **config,
        )

    published = {"binds": ["shop_files:/files"], "port_bindings": {80: 8085}}
    make("web", "app", host=published, ports=[80])
    make("app", "db", host={"binds": ["shop_files:/files"]})
    make("db", host={"binds": ["shop_db:/data"]})
    run_in(docker, "shop-db-1", "sh", "-c", "echo rows > /data/table")
    run_in(docker, "shop-app-1", "sh", "-c", "echo photo > /files/one")


def backed_up(**options: Any) -> BackupSet:
    """Back the stack up; the set that was made."""
    job = finished(request_stack_backup(STACK, BackupOptions(**options)))
    assert job.status == Status.COMPLETE, f"{job.error}\n{job.log}"
    return find_set(job.result["set_id"])


def restored(found: BackupSet, **options: Any) -> Job:
    """Restore the set; the job, which got through."""
    job = finished(request_set_restore(found.set_id, SetOptions(**options)))
    assert job.status == Status.COMPLETE, f"{job.error}\n{job.log}"
    return job


def remove_shop(docker: APIClient) -> None:
    """Remove everything of the stack, as `compose down -v` does."""
    for name in reversed(MEMBERS):
        docker.remove_container(name, force=True, v=True)
    for volume in ("shop_db", "shop_files"):
        docker.remove_volume(volume)
    docker.remove_network(NETWORK)

"""The job that brings all members of a set back, or leaves everything as it was."""

from contextlib import ExitStack
from typing import Any

from backups.archive.reader import ArchiveReader
from backups.files import archive_path
from backups.restore import FILLING, Restore, check_whole
from backups.sets.options import SetOptions
from backups.sets.planning import SetPlan, plan_set
from engine import Docker, engine
from jobs.running import RunningJob
from networks.making import make_network


def run_stack_restore(running: RunningJob) -> dict[str, Any]:
    """Check all archives, plan for all, bring everything back, then remove what was replaced."""
    options = SetOptions(**running.arguments["options"])
    filenames = running.arguments["filenames"]
    check_whole(running, filenames)
    with ExitStack() as opened, engine() as docker:
        archives = [opened.enter_context(ArchiveReader(archive_path(name))) for name in filenames]
        running.step("Looking at what is there")
        missing = running.arguments["missing"]
        plan = plan_set(docker, archives, missing, options, running.label)
        plan.refuse_conflicts()
        running.start()
        return SetRestore(running, docker, plan).run()


class SetRestore:
    """The members of a set on their way back, step by step together.

    All of them share the job's undo, so that a failure at any member puts everything back. What
    was there is stopped from its end, what comes back is started from its beginning.
    """

    def __init__(self, running: RunningJob, docker: Docker, plan: SetPlan) -> None:
        self.running, self.docker, self.plan = running, docker, plan
        self.restores = [
            Restore(running, docker, member.archive, member.plan) for member in plan.members
        ]
        moved: dict[str, str] = {}
        for restore in self.restores:
            restore.swap.moved = moved

    def run(self) -> dict[str, Any]:
        """Everything in order; what was there stays until the last new container is up."""
        for restore in self.restores:
            restore.bring_image()
        self.make_networks()
        for restore in self.restores:
            restore.make_volumes()
        self.measure_content()
        self.fill(act="create")
        for restore in reversed(self.restores):
            restore.put_old_aside()
        self.fill(act="fill")
        self.fill(act="overwrite")
        return self.commit([restore.bring_back() for restore in self.restores])

    def make_networks(self) -> None:
        for network in self.plan.networks:
            self.running.step(f"Creating the network {network.name}")
            make_network(self.running.undo, self.docker, network.body)

    def measure_content(self) -> None:
        """Count from here on what goes into all volumes."""
        total = sum(restore.content_size() for restore in self.restores)
        self.running.measure(total, span=FILLING)

    def fill(self, *, act: str) -> None:
        for restore in self.restores:
            restore.fill(act=act)

    def commit(self, containers: list[str | None]) -> dict[str, Any]:
        """Compare each, and let go of everything that was kept in case of failure."""
        report = [
            f"{restore.plan.name}: {sentence}"
            for restore, container in zip(self.restores, containers, strict=True)
            for sentence in restore.report(container)
        ]
        result = {
            "stack": self.running.arguments["stack"],
            "set_id": self.running.arguments["set_id"],
            "containers": [plan.name for plan in self.plan.containers],
            "filenames": self.running.arguments["filenames"],
            "report": report,
        }
        cleanup = [act for restore in self.restores for act in restore.cleanup]
        self.running.undo.commit(result, cleanup)
        return result

"""What a command says of its jobs in the end, and its exit status."""

import sys
from collections.abc import Callable, Iterable, Sequence

from django.core.management.base import BaseCommand

from backups.errors import RestoreConflict
from backups.types import Conflict, Plan
from containermonkey.problems import Problem
from jobs.failures import sentence_of
from jobs.management.following import Follower, printable
from jobs.models import Job, Status

ANSWERS = {
    "new_name": "--new-name",
    "on_conflict": "--on-conflict",
    "overwrite_volumes": "--overwrite-volumes or --keep-volumes",
    "port_overrides": "--port",
}
"""The option of `restore` that gives a conflict's `answer`."""


def request_all(
    command: BaseCommand, names: Iterable[str], request: Callable[[str], Job]
) -> tuple[list[Job], int]:
    """Put work in the queue for each name; the jobs, and how many names were refused."""
    jobs, refused = [], 0
    for name in names:
        try:
            jobs.append(request(name))
        except (Problem, OSError) as problem:
            refused += 1
            refuse(command, name, problem)
    return jobs, refused


def follow_and_exit(command: BaseCommand, jobs: Sequence[Job], refused: int) -> None:
    """Follow the jobs to their end, and those that they asked for in turn.

    Exit with 1 unless all are complete and none was refused.
    """
    ended = Follower(jobs, command.stdout).until_ended()
    if following := [key for job in ended for key in job.result.get("then", [])]:
        asked = Job.objects.filter(progress_id__in=following).order_by("pk")
        ended += Follower(list(asked), command.stdout).until_ended()
    failed = [job for job in ended if job.status != Status.COMPLETE]
    for job in failed:
        left = "It was not waited for; it goes on in the background."
        complain(command, job.subject, job.error or (job.step if job.ended else left))
    for job in ended:
        for line in [*job.result.get("warnings", []), *job.result.get("report", [])]:
            command.stdout.write(printable(f"{job.subject}: {line}"))
    if failed or refused:
        sys.exit(1)


def show_plans(command: BaseCommand, files: Iterable[str], plan_of: Callable[[str], Plan]) -> None:
    """Write each plan, and exit with 1 where something is in the way of one."""
    in_the_way = 0
    for file in files:
        try:
            plan = plan_of(file)
        except (Problem, OSError) as problem:
            in_the_way += 1
            complain(command, file, words_of(problem))
            continue
        show_steps(command, plan)
        in_the_way += len(plan.conflicts)
        for conflict in plan.conflicts:
            show_conflict(command, plan.container_name, conflict)
    if in_the_way:
        sys.exit(1)


def show_steps(command: BaseCommand, plan: Plan) -> None:
    """Write what a plan would do."""
    command.stdout.write(printable(f"{plan.container_name}:"))
    for number, step in enumerate(plan.steps, start=1):
        command.stdout.write(printable(f"  {number}. {step}"))


def show_conflict(command: BaseCommand, name: str, conflict: Conflict) -> None:
    """Write what is in the way, and which option settles it."""
    settled = f" Settle it with {ANSWERS[conflict.answer]}." if conflict.answer else ""
    complain(command, name, f"{conflict.message}{settled}")


def refuse(command: BaseCommand, name: str, problem: Problem | OSError) -> None:
    """Write why something is not done, and where that can be settled, by which option."""
    if isinstance(problem, RestoreConflict):
        for conflict in problem.conflicts:
            show_conflict(command, name, conflict)
    else:
        complain(command, name, words_of(problem))


def words_of(problem: Problem | OSError) -> str:
    return sentence_of(problem) if isinstance(problem, OSError) else str(problem)


def complain(command: BaseCommand, name: str, sentence: str) -> None:
    command.stderr.write(printable(f"{name}: {sentence}"))

"""What may be asked of deployments: look ahead, deploy, and see what was deployed."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from accounts.audit import audited
from containermonkey.encryption import SecretUnreadable
from containermonkey.problems import Conflict, Invalid, NotFound
from containers.services import busy
from engine import engine
from engine.names import shortened
from jobs.models import ACTIVE, PENDING, Job, Kind, Status
from jobs.services import User, active_job_for, enqueue
from stacks.deploy.plan import DeployPlan
from stacks.deploy.planner import plan_deploy
from stacks.deploy.plugin import PluginFailed, composing
from stacks.deploy.resolving import resolve
from stacks.deploy.rules import checked_name
from stacks.deploy.understood import Understood, understood
from stacks.deploy.variables import checked
from stacks.files import versions_of
from stacks.models import Deployment
from stacks.services import list_stacks

MOST_KEPT = 100
"""Versions of a stack that are kept."""


class Prepared:
    """A file that was read, checked, and understood by the plugin; nothing is touched yet."""

    def __init__(self, name: str, compose: str, variables: Mapping[str, str]) -> None:
        """Raise Invalid for everything that is wrong, NoPlugin where there is no plugin."""
        self.variables = checked(variables)
        resolved = resolve(compose, self.variables)
        self.name = checked_name(name or resolved.name)
        self.content, self.notes = resolved.content, resolved.notes
        with composing(self.name, self.content) as plugin:
            try:
                self.wanted: Understood = understood(self.name, plugin.config())
            except PluginFailed as problem:
                reason = f"is refused by compose: {problem}"
                raise Invalid(f"The file {reason}", fields={"compose": reason}) from None

    def plan(self, *, remove_orphans: bool) -> DeployPlan:
        with engine() as docker:
            return plan_deploy(
                docker,
                self.wanted,
                is_known=was_deployed(self.name),
                remove_orphans=remove_orphans,
                notes=self.notes,
            )


def look_ahead(
    name: str, compose: str, variables: Mapping[str, str], *, remove_orphans: bool = False
) -> DeployPlan:
    """What a deployment would do and meet, without doing it.

    `name` may be empty where the file has one. Raise what `Prepared` raises.
    """
    return Prepared(name, compose, variables).plan(remove_orphans=remove_orphans)


def request_deploy(
    name: str,
    compose: str,
    variables: Mapping[str, str],
    *,
    remove_orphans: bool = False,
    user: User = None,
) -> Job:
    """Keep a file as the next version of its stack and put its deployment into the queue.

    Where the newest version is the same and still waits to be deployed, that is the job. Raise what
    `look_ahead` raises, DeployConflict where something is in the way, and Conflict while a job
    works on the stack.
    """
    prepared = Prepared(name, compose, variables)
    prepared.plan(remove_orphans=remove_orphans).refuse_conflicts()
    if (running := active_job_for(prepared.name)) is not None:
        raise busy(prepared.name, running)
    newest = newest_version(prepared.name)
    if newest and (waiting := waiting_for(newest, prepared, compose, remove_orphans)):
        return waiting
    deployment = Deployment(
        stack=prepared.name,
        version=newest.version + 1 if newest else 1,
        compose=compose,
        remove_orphans=remove_orphans,
    )
    deployment.variables = prepared.variables
    try:
        with transaction.atomic():
            return put_in_queue(deployment, user)
    except IntegrityError:
        raise Conflict(f"Somebody else has just changed {prepared.name}. Look again.") from None


def waiting_for(
    newest: Deployment, prepared: Prepared, compose: str, remove_orphans: bool
) -> Job | None:
    """The job that waits to deploy just this, as `jobs.services.enqueue_once` has it."""
    asked = (compose, remove_orphans)
    if not newest.job or not newest.job.pending or asked != (newest.compose, newest.remove_orphans):
        return None
    try:
        return newest.job if newest.variables == prepared.variables else None
    except SecretUnreadable:
        return None  # it will say so itself


def put_in_queue(deployment: Deployment, user: User) -> Job:
    arguments = {"stack": deployment.stack, "version": deployment.version}
    job = enqueue(Kind.STACK_DEPLOY, deployment.stack, arguments, user)
    deployment.job, deployment.requested_by = job, job.requested_by
    deployment.save(force_insert=True)
    oldest = deployment.version - MOST_KEPT
    Deployment.objects.filter(stack=deployment.stack, version__lte=oldest).delete()
    return job


def deploy_again(name: str, version: int, user: User = None) -> Job:
    """Deploy an earlier version as it was, as the newest. Raise what `request_deploy` raises."""
    found = find_deployment(name, version)
    return request_deploy(
        name, found.compose, found.variables, remove_orphans=found.remove_orphans, user=user
    )


def deployments_of(name: str) -> list[Deployment]:
    """What was deployed from here as this stack, the newest first."""
    found = versions_of(name).select_related("job", "requested_by")
    return [*found.defer("compose", "job__log", "job__undo")]


def find_deployment(name: str, version: int | None = None) -> Deployment:
    """A version of a stack, the newest by default. Raise NotFound if there is none."""
    found = versions_of(name).select_related("job", "requested_by")
    chosen = found.first() if version is None else found.filter(version=version).first()
    if chosen is None:
        words = "was not deployed from here" if version is None else f"has no version {version}"
        raise NotFound(f"The stack {shortened(name)} {words}.")
    return chosen


def forget(name: str) -> int:
    """Drop every version of a stack that is not on the host any more; how many there were.

    Raise NotFound where none is kept, Conflict while the stack is here or being deployed.
    """
    with audited("stack.forget", name) as details:
        find_deployment(name)
        if any(stack.name == name for stack in list_stacks()):
            raise Conflict(f"The stack {name} is on this host. Delete it first.")
        if Job.objects.filter(subject=name, status__in=(*PENDING, *ACTIVE)).exists():
            raise Conflict(f"A job works on {name}. Wait until it is over, or cancel it.")
        details["versions"], _ = Deployment.objects.filter(stack=name).delete()
        return int(details["versions"])


def known_variables(deployment: Deployment) -> dict[str, str] | None:
    """The variables of a version; None where they cannot be read any more."""
    try:
        return deployment.variables
    except SecretUnreadable:
        return None


def newest_version(name: str) -> Deployment | None:
    return Deployment.objects.filter(stack=name).only("version").first()


def was_deployed(name: str) -> bool:
    """Whether what is on the host under this name was made from here, as far as is known."""
    return Deployment.objects.filter(stack=name, job__status=Status.COMPLETE).exists()

"""The program itself: its worker, its database, its users."""

from collections.abc import Iterator
from typing import cast

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.cache import caches
from django.db import Error as DatabaseFailure
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError

from accounts.models import User
from accounts.services import FIRST_PASSWORD
from containermonkey.encryption import SecretUnreadable
from containermonkey.shared_cache import SharedCache
from images.models import Registry
from images.registries.passwords import decrypted
from jobs.services import worker_is_alive
from stacks.models import Deployment
from system.check.types import Check, good, wrong

WORKER, DATABASE, PASSWORD = "Queue worker", "Database", "Default password"
SECRETS, SHARED = "Kept secrets", "Redis"

STARTED_AGAIN = "Start the program again (serve)"
REDIS_FIX = "Start Redis, look at REDIS_URL, or leave that out where there is one web process."


def checks(state: Check) -> Iterator[Check]:
    """All of them; what is in the database only where its own `state` allows it."""
    yield worker()
    yield state
    if state.ok:
        yield secrets()
        yield default_password()
    if settings.REDIS_URL:
        yield redis()


def worker() -> Check:
    if worker_is_alive():
        return good(WORKER, "It is running.")
    return wrong(
        WORKER,
        "Nobody works on the queue: backups, restores and schedules wait.",
        f"{STARTED_AGAIN}, or the worker alone (run_jobs). The log says why it ended.",
    )


def database() -> Check:
    """Whether the database answers and is of this version."""
    try:
        missing = missing_migrations()
    except DatabaseFailure as error:
        variable = "DATABASE_URL" if settings.DATABASE_URL else "CONTAINERMONKEY_DATA"
        return wrong(
            *(DATABASE, f"It does not answer ({type(error).__name__})."),
            f"Look at what {variable} names, and at the log, which has the database’s own words.",
        )
    if missing:
        number = "1 migration is" if missing == 1 else f"{missing} migrations are"
        return wrong(
            *(DATABASE, f"It is of an older version: {number} missing."),
            f"{STARTED_AGAIN}, which brings it up to date.",
        )
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(connection.vendor, "It")
    return good(DATABASE, f"{name} answers and is up to date.")


def missing_migrations() -> int:
    """How many migrations of this version the database has not had; all, where it is empty."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def secrets() -> Check:
    """Whether what is kept encrypted can be read."""
    lost = []
    for registry in Registry.objects.all():
        try:
            decrypted(registry.secret, registry.address)
        except SecretUnreadable:
            lost.append(f"the password for {registry.address}")
    for deployment in Deployment.objects.exclude(env={}).defer("compose"):
        try:
            _ = deployment.variables
        except SecretUnreadable:
            lost.append(f"the variables of {deployment}")
    if lost:
        return wrong(
            *(SECRETS, f"These cannot be read with the present key: {', '.join(lost)}."),
            "Bring the old encryption.key back, or enter them again.",
        )
    return good(SECRETS, "All that is kept encrypted can be read.")


def default_password() -> Check:
    """Whether somebody can sign in with the password that every installation begins with."""
    due = User.objects.filter(is_active=True, must_change_password=True)
    names = ", ".join(
        user.username for user in due if check_password(FIRST_PASSWORD, user.password)
    )
    if names:
        return wrong(
            *(PASSWORD, f"{names} still has the password that everybody knows."),
            "Sign in and change it, under the name at the foot of the sidebar.",
        )
    return good(PASSWORD, "Nobody uses it.")


def redis() -> Check:
    """Whether several web processes count and remember things together."""
    try:
        cast(SharedCache, caches["default"]).ask()
    except RedisError as error:
        return wrong(SHARED, f"It does not answer: {type(error).__name__}.", REDIS_FIX)
    except ValueError:
        return wrong(SHARED, "It forgets what it is given.", REDIS_FIX)
    return good(SHARED, "It answers.")

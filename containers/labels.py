"""The labels by which compose and swarms tell what they have made."""

from collections.abc import Mapping

COMPOSE_PROJECT = "com.docker.compose.project"
COMPOSE_SERVICE = "com.docker.compose.service"
COMPOSE_DEPENDS_ON = "com.docker.compose.depends_on"

SWARM_STACK = "com.docker.stack.namespace"
SWARM_SERVICE = "com.docker.swarm.service.name"
SWARM_SERVICE_ID = "com.docker.swarm.service.id"
SWARM_TASK = "com.docker.swarm.task.id"

STACK_LABELS = (COMPOSE_PROJECT, SWARM_STACK)
SERVICE_LABELS = (COMPOSE_SERVICE, SWARM_SERVICE)


def stack_of(labels: Mapping[str, str]) -> str | None:
    """The compose project or swarm stack that something belongs to."""
    return next((labels[name] for name in STACK_LABELS if labels.get(name)), None)


def service_of(labels: Mapping[str, str]) -> str | None:
    """The service that a container is of; None for one that was made by hand."""
    return next((labels[name] for name in SERVICE_LABELS if labels.get(name)), None)

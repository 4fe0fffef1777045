"""Compose files that tests deploy, and how; their image is made on the private Engine."""

from typing import Any

from django.test import Client
from docker import APIClient

from jobs.models import Job, Status
from stacks.deploy.services import request_deploy
from tests.backups.steps import finished

STACK = "press"

SIMPLE = """
services:
  db:
    image: busybox:test
    stop_grace_period: 0s
    volumes: ["data:/data"]
  web:
    image: busybox:test
    stop_grace_period: 0s
    depends_on: [db]
    environment:
      GREETING: ${GREETING:-hello}
    ports: ["8085:80"]
volumes:
  data: {}
"""


BODY = {"name": STACK, "compose": SIMPLE}


def post(client: Client, body: dict[str, Any]) -> Any:
    return client.post("/api/stacks/deploy", body, "application/json")


def of_service(docker: APIClient, service: str) -> list[dict[str, Any]]:
    label = {"label": f"com.docker.compose.service={service}"}
    return docker.containers(all=True, filters=label)


def deployed(compose: str = SIMPLE, env: dict[str, str] | None = None, **options: Any) -> Job:
    """Deploy the file; the job, which got through."""
    job = finished(request_deploy(STACK, compose, env or {}, **options))
    assert job.status == Status.COMPLETE, f"{job.error}\n{job.log}"
    return job

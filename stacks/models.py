"""What was deployed from here: every version of every compose file."""

from collections.abc import Mapping

from django.conf import settings
from django.db import models
from django.utils import timezone

from containermonkey.encryption import (
    Again,
    SecretUnreadable,
    decrypted,
    encrypted,
    keeps_secrets,
)
from jobs.models import Job


class Deployment(models.Model):
    """One version of a stack's compose file, as it was given, and the job that carried it out.

    `env` has its variables by name, with their values as `containermonkey.encryption` writes them.
    """

    stack = models.CharField(max_length=63)
    version = models.PositiveIntegerField()
    compose = models.TextField()
    env = models.JSONField(default=dict)
    remove_orphans = models.BooleanField(default=False)
    job = models.OneToOneField(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["stack", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["stack", "version"], name="one_of_each_version")
        ]

    def __str__(self) -> str:
        return f"{self.stack} {self.version}"

    @property
    def variables(self) -> dict[str, str]:
        """Raise SecretUnreadable where the key was lost or changed."""
        try:
            return {name: decrypted(value) for name, value in self.env.items()}
        except SecretUnreadable:
            raise SecretUnreadable(
                f"The variables of {self} can no longer be read, because the key of this "
                "installation was changed. Enter them again and deploy the file."
            ) from None

    @variables.setter
    def variables(self, values: Mapping[str, str]) -> None:
        self.env = {name: encrypted(value) for name, value in values.items()}

    @property
    def status(self) -> str:
        """How its job stands or ended; nothing where that is not known any more."""
        return self.job.status if self.job else ""

    @property
    def asked_by(self) -> str:
        return self.requested_by.get_username() if self.requested_by else ""


@keeps_secrets
def write_again(again: Again) -> int:
    """Give every variable another key."""
    number = 0
    for deployment in Deployment.objects.exclude(env={}).only("env"):
        deployment.env = {name: again(value) for name, value in deployment.env.items()}
        deployment.save(update_fields=["env"])
        number += len(deployment.env)
    return number

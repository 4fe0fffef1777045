"""What is written down about registries of images."""

from django.db import models
from django.utils import timezone

from containermonkey.encryption import Again, keeps_secrets


class Registry(models.Model):
    """A registry that the Docker host signs in to.

    `secret` is the encrypted password, see `containermonkey.encryption`; `verified_at` says when
    the registry last took it, None where it never did.
    """

    address = models.CharField(max_length=255, unique=True)
    username = models.CharField(max_length=255)
    secret = models.TextField(editable=False)
    verified_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["address"]
        verbose_name_plural = "registries"

    def __str__(self) -> str:
        return self.address


@keeps_secrets
def write_again(again: Again) -> int:
    """Give every password another key."""
    registries = Registry.objects.all()
    for registry in registries:
        registry.secret = again(registry.secret)
        registry.save(update_fields=["secret"])
    return len(registries)

"""Who may sign in, and what was done by whom."""

from typing import Any, NoReturn

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone


class User(AbstractUser):
    must_change_password = models.BooleanField(
        default=False,
        help_text="Nothing else can be done by this user until the password is changed.",
    )


class AppendOnly(models.QuerySet):
    """Rows that are written once; the program has no way to change or remove them."""

    def update(self, **fields: Any) -> NoReturn:
        raise TypeError("The audit trail is only added to.")

    def delete(self) -> NoReturn:
        raise TypeError("The audit trail is only added to.")


class AuditEntry(models.Model):
    """A line of the audit trail. `username` stays when the user is gone."""

    class Result(models.TextChoices):
        DONE = "done"
        FAILED = "failed"

    time = models.DateTimeField(default=timezone.now, db_index=True)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    username = models.CharField(max_length=150, blank=True)
    address = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=60, db_index=True)
    target = models.CharField(max_length=255, blank=True)
    result = models.CharField(max_length=10, choices=Result.choices)
    problem = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "audit trail"

    def __str__(self) -> str:
        return f"{self.username} {self.action} {self.target} ({self.result})"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("The audit trail is only added to.")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise TypeError("The audit trail is only added to.")

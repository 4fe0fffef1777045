"""Who may sign in, and what was done by whom."""

import uuid
from typing import Any, NoReturn

from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from containermonkey.encryption import Again, keeps_secrets

LONGEST_USERNAME = 150
"""As Django's own model has it."""


class Right(models.TextChoices):
    """Permissions of Django's, told by their codename; labels go on after "the right to"."""

    SEE = "see", "look at everything but secrets"
    SEE_SECRETS = "see_secrets", "read environment values, files and what is in backups"
    RUN_COMMANDS = "run_commands", "run commands inside containers"
    ACT = "act", "start, stop and change what is there"
    BACK_UP = "back_up", "make and check backups"
    RESTORE = "restore", "bring back from a backup what is gone"
    REPLACE = "replace", "restore over what is there"
    DELETE = "delete", "delete"
    BRING_IN = "bring_in", "bring in compose files, archives and images from elsewhere"
    MANAGE = "manage", "manage users, schedules, registries and the audit trail"


class User(AbstractUser):
    must_change_password = models.BooleanField(
        default=False,
        help_text="Nothing else can be done by this user until the password is changed.",
    )
    token: "ApiToken | None" = None
    """The token by which this user asks; None by a session. Of one request, and not kept."""
    known_rights: frozenset[Right] | None = None
    """What `accounts.rights.rights_of` found, once it was asked. Not kept either."""

    class Meta(AbstractUser.Meta):
        permissions = [(right.value, right.label) for right in Right]


class AppendOnly(models.QuerySet):
    """Rows that are written once; the program has no way to change or remove them."""

    def update(self, **fields: Any) -> NoReturn:
        raise TypeError("The audit trail is only added to.")

    def delete(self) -> NoReturn:
        raise TypeError("The audit trail is only added to.")

    def bulk_create(self, objs: Any, *args: Any, **options: Any) -> Any:
        if options.get("update_conflicts"):
            raise TypeError("The audit trail is only added to.")
        return super().bulk_create(objs, *args, **options)


class AuditEntry(models.Model):
    """A line of the audit trail. `username` stays when the user is gone."""

    class Result(models.TextChoices):
        DONE = "done"
        FAILED = "failed"

    time = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    username = models.CharField(max_length=LONGEST_USERNAME, blank=True)
    address = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=255, blank=True)
    result = models.CharField(max_length=10, choices=Result.choices)
    problem = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "audit trail"
        # Each way of looking is answered in its own order, however many lines there are.
        indexes = [
            models.Index(fields=["-time", "-id"], name="audit_time"),
            *(
                models.Index(fields=[name, "-time", "-id"], name=f"audit_{name}")
                for name in ("username", "address", "action", "target", "result")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.username} {self.action} {self.target} ({self.result})"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("The audit trail is only added to.")
        # One that is made with the key of another must not take its place.
        super().save(*args, **{**options, "force_insert": True})

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise TypeError("The audit trail is only added to.")


class ApiToken(models.Model):
    """What a program brings instead of a session. Only the hash of it is kept.

    `start` are its first characters, to tell by; `role` is the most that it may do, and
    `last_used_at` up to a minute behind.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    start = models.CharField(max_length=10)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    last_address = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = "API token"
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="one_token_of_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class Session(AbstractBaseSession):
    """A session with whose it is and from where; `user` is None before somebody signs in.

    `reference` names it to people: the key is as good as a password. `last_seen_at` and `address`
    are up to a minute behind.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    address = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=255, blank=True)
    begun_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    class Meta(AbstractBaseSession.Meta):
        ordering = ["-last_seen_at"]

    def __str__(self) -> str:
        return f"{self.user} from {self.address}"

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from accounts.sessions.store import SessionStore

        return SessionStore


class SecondFactor(models.Model):
    """An authenticator app of a user; there is one where the sign-in asks for a code.

    `secret` is encrypted, see `containermonkey.encryption`. `last_step` is the half minute whose
    code was taken last: neither it nor an earlier one is taken again.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    secret = models.TextField(editable=False)
    last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Authenticator app of {self.user}"


@keeps_secrets
def write_again(again: Again) -> int:
    """Give every authenticator app's secret another key."""
    factors = SecondFactor.objects.all()
    for factor in factors:
        factor.secret = again(factor.secret)
        factor.save(update_fields=["secret"])
    return len(factors)


class RecoveryCode(models.Model):
    """What is taken once instead of an app's code. Only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, editable=False)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Recovery code of {self.user}"


class Identity(models.Model):
    """Who a user is at an OIDC provider: they come from there and have no password here.

    Nothing else tells them: names and addresses can be changed there, and be given to others.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="identity")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_user_of_a_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} at {self.issuer}"

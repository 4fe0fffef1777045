"""Who may sign in."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    must_change_password = models.BooleanField(
        default=False,
        help_text="Nothing else can be done by this user until the password is changed.",
    )

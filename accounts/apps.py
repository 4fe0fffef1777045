from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        # Django makes the rows of permissions only after all migrations have run.
        post_migrate.connect(make_roles, sender=self)


def make_roles(sender: Any, using: str, **options: Any) -> None:
    from accounts.roles import make_groups

    make_groups(using)

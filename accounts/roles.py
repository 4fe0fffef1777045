"""The roles as groups of Django's, and who has which."""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from accounts.models import User
from accounts.rights import RIGHTS_OF, Role


def make_groups(using: str = "default") -> None:
    """Make a group for each role, with exactly its rights; other groups are left alone.

    Whoever wants another set of rights makes a group of their own.
    """
    create_permissions(apps.get_app_config("accounts"), verbosity=0, using=using)
    ours = Permission.objects.using(using).filter(content_type__app_label="accounts")
    by_name = {permission.codename: permission for permission in ours}
    for role, rights in RIGHTS_OF.items():
        group, _ = Group.objects.using(using).get_or_create(name=role.value)
        wanted = {by_name[right.value] for right in rights}
        if set(group.permissions.all()) != wanted:
            group.permissions.set(wanted)


def take_roles(user: User) -> None:
    """Have a user be of no role. Groups that were made by hand are left as they are."""
    with transaction.atomic():
        user.groups.remove(*Group.objects.filter(name__in=Role.values))
        user.is_staff = user.is_superuser = False
        user.save(update_fields=["is_staff", "is_superuser"])


def give_role(user: User, role: Role) -> None:
    """Have a user be of this role and no other. Administrators have the run of Django's admin.

    Groups that were made by hand are left as they are.
    """
    is_administrator = role is Role.ADMINISTRATOR
    with transaction.atomic():
        user.groups.remove(*Group.objects.filter(name__in=Role.values).exclude(name=role.value))
        user.groups.add(*Group.objects.filter(name=role.value))
        user.is_staff = user.is_superuser = is_administrator
        user.save(update_fields=["is_staff", "is_superuser"])

"""Rights as permissions, roles as groups; those who are there keep as much of both as there is."""

from typing import Any

from django.db import migrations

RIGHTS = [
    ("see", "look at everything but secrets"),
    ("see_secrets", "read environment values, files and what is in backups"),
    ("run_commands", "run commands inside containers"),
    ("act", "start, stop and change what is there"),
    ("back_up", "make and check backups"),
    ("restore", "bring back from a backup what is gone"),
    ("replace", "restore over what is there"),
    ("delete", "delete"),
    ("bring_in", "bring in compose files, archives and images from elsewhere"),
    ("manage", "manage users, schedules, registries and the audit trail"),
]


def give_roles(apps: Any, editor: Any) -> None:
    """Staff were administrators; everybody else could do what an operator can, and more.

    The groups get their rights after all migrations, when the rows of those are there.
    """
    using = editor.connection.alias
    group = apps.get_model("auth", "Group").objects.using(using)
    user = apps.get_model("accounts", "User").objects.using(using)
    for name, people in (
        ("Administrator", user.filter(is_staff=True)),
        ("Operator", user.filter(is_staff=False, is_superuser=False)),
    ):
        role, _ = group.get_or_create(name=name)
        for person in people.iterator():
            person.groups.add(role)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_audit_trail"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "permissions": RIGHTS,
                "verbose_name": "user",
                "verbose_name_plural": "users",
            },
        ),
        migrations.RunPython(give_roles, migrations.RunPython.noop),
    ]

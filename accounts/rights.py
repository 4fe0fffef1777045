"""Who may do what: rights, the roles that have them, and which right each act takes.

This is the one place where that is decided. Faces declare the act with `needs`, and are not called
without its right (`accounts.gate`); services ask again where they act (`accounts.audit.audited`),
since some acts hang on what is asked for, and commands and jobs have no face. An act that is not
in the table takes an administrator.
"""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from django.contrib.auth.models import AnonymousUser, Permission
from django.db.models import Q, TextChoices

from accounts.models import Right, User
from containermonkey.problems import NotAllowed

F = TypeVar("F", bound=Callable[..., Any])


class Role(TextChoices):
    """The names of the groups that the program makes. Further ones may be made beside them."""

    VIEWER = "Viewer"
    OPERATOR = "Operator"
    ADMINISTRATOR = "Administrator"

    @property
    def word(self) -> str:
        """What programs and sentences call it: `viewer`."""
        return self.value.lower()

    @classmethod
    def of(cls, word: str) -> "Role":
        """The role that is called so. Raise ValueError for any other word."""
        return cls(word.capitalize())


RoleWord = Literal["viewer", "operator", "administrator"]

EVERY_RIGHT = frozenset(Right)
RIGHTS_OF: dict[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.SEE}),
    Role.OPERATOR: frozenset(
        {Right.SEE, Right.SEE_SECRETS, Right.RUN_COMMANDS, Right.ACT, Right.BACK_UP, Right.RESTORE}
    ),
    Role.ADMINISTRATOR: EVERY_RIGHT,
}

ACTS_BY_RIGHT: dict[Right, str] = {
    Right.SEE: "page.see",
    Right.SEE_SECRETS: """
        container.environment container.inspect image.inspect image.export stack.read_compose
        backup.read backup.download volume.read_file job.log
    """,
    Right.RUN_COMMANDS: "container.console container.exec",
    Right.ACT: """
        container.start container.stop container.restart container.pause container.unpause
        container.kill container.rename container.bulk redeploy.request
        stack.start stack.stop stack.restart stack.bulk stack_redeploy.request
        image.tag image_pull.request
        network.create network.connect network.disconnect
        volume.create volume_clone.request volume.make_folder volume.upload volume.rename
        job.cancel job.run_again cleanup.left_behind
    """,
    Right.BACK_UP: """
        backup.request stack_backup.request network.backup verify.request rehearsal.request
        scan.request backup.bulk backup.alarm_seen schedule.run
    """,
    Right.RESTORE: """
        restore.request stack_restore.request network.restore put_back.request
    """,
    Right.REPLACE: """
        restore.replace stack_restore.replace network.replace put_back.replace volume.replace_file
    """,
    Right.DELETE: """
        container.delete stack.delete stack.forget image.delete image.untag image.prune
        network.delete network.prune volume.delete volume.prune volume.delete_file
        backup.delete backup.forget backup.prune prune.request
    """,
    Right.BRING_IN: """
        stack_deploy.request image.import backup.upload network.upload volume.create_with_options
    """,
    Right.MANAGE: """
        schedule.create schedule.change schedule.switch schedule.delete
        registry.see registry.add registry.change registry.check registry.delete
        account.manage key.rotate
        audit.see audit.export audit.prune
        user.see user.create user.change user.change_role user.switch user.reset_password
        user.rename user.delete user.take_back second_factor.reset
    """,
}
"""Names of acts as the audit trail has them; `<kind>.request` is asking for a job of that kind."""

RIGHT_OF = {act: right for right, acts in ACTS_BY_RIGHT.items() for act in acts.split()}

OWN = frozenset(
    {
        *("account.sign_in", "account.sign_out", "account.change"),
        *("token.see", "token.create", "token.delete"),
        *("session.see", "session.end"),
        *("second_factor.see", "second_factor.change", "second_factor.confirm"),
    }
)
"""What everybody may do for themselves; who they are is asked where it is done."""

FAR_REACHING = frozenset(
    {
        *("container.console", "container.exec"),
        *("restore.request", "stack_restore.request", "network.restore", "put_back.request"),
    }
)
"""What takes a fresh code of those who have a second factor, where `FRESH_CODE` says so."""


def right_for(act: str) -> Right:
    """The right that an act takes."""
    return RIGHT_OF.get(act, Right.MANAGE)


def rights_of(user: User | AnonymousUser | None) -> frozenset[Right]:
    """What a user may do: by groups, and by rights that were given to them alone.

    One query, and none for administrators; remembered for as long as the request lasts.
    """
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    if user.known_rights is None:
        user.known_rights = EVERY_RIGHT if user.is_superuser else granted(user)
    return user.known_rights


def granted(user: User) -> frozenset[Right]:
    ours = Permission.objects.filter(
        Q(group__user=user) | Q(user=user),
        content_type__app_label=User._meta.app_label,
        codename__in=Right.values,
    )
    return frozenset(Right(name) for name in ours.values_list("codename", flat=True))


def limit_rights(user: User, role: Role) -> None:
    """Have a user, for as long as the object is used, do no more than a role may."""
    user.known_rights = rights_of(user) & RIGHTS_OF[role]


def role_name(user: User) -> str:
    """What a user is called by their rights: the largest role of which they have everything."""
    rights = rights_of(user)
    fitting = [role for role in Role if RIGHTS_OF[role] <= rights]
    return fitting[-1].word if fitting else "user without a role"


def refusal(right: Right, role: str) -> NotAllowed:
    """What is said to somebody who lacks a right."""
    least = next(role for role in Role if right in RIGHTS_OF[role])
    return NotAllowed(
        f"This takes the right to {right.label}, which {least.word}s have. "
        f"You are signed in as {'an' if role[0] in 'ao' else 'a'} {role}.",
        right=right.value,
    )


def needs(act: str, *, looking: str = "") -> Callable[[F], F]:
    """Declare which act a page, a call of the API or a socket is; see `accounts.gate`.

    `looking` is what it is to only ask for it, where that is another act.
    """

    def declare(face: F) -> F:
        face.needs = act  # type: ignore[attr-defined]
        face.needs_to_look = looking or act  # type: ignore[attr-defined]
        return face

    return declare

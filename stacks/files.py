"""Which stacks have a compose file that was deployed from here."""

from django.db.models import QuerySet

from stacks.models import Deployment


def is_kept(name: str) -> bool:
    return versions_of(name).exists()


def versions_of(name: str) -> QuerySet[Deployment]:
    """Every version of a stack's file, the newest first."""
    # PostgreSQL refuses the character that is taken out.
    return Deployment.objects.filter(stack=name.replace("\0", "\ufffd"))


def kept_names() -> set[str]:
    """The names of all stacks whose file is kept; one query."""
    return {*Deployment.objects.order_by().values_list("stack", flat=True).distinct()}

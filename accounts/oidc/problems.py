"""Why nobody was signed in through the provider.

None of them repeats what the provider or the address of the page says: both can be anybody's words.
"""

from django.conf import settings
from django.urls import reverse

from containermonkey.problems import Invalid, NotAllowed, NotFound, Problem


class NoProvider(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no sign-in through a provider here.")


class NotSignedInThere(Problem):
    """The base of the family; each leads to another attempt."""

    title = "You are not signed in"
    sentence = ""

    def __init__(self) -> None:
        name = settings.OIDC.name if settings.OIDC else "The provider"
        super().__init__(self.sentence.format(name=name))
        self.again = reverse("accounts:oidc")


class NotBegun(NotSignedInThere, Invalid):
    """The answer of a provider that this browser did not ask, or too long ago, or twice."""

    code = "oidc_not_begun"
    sentence = (
        "This sign-in was not begun in this browser, or it was too long ago or used already. "
        "Try again."
    )


class RefusedThere(NotSignedInThere, NotAllowed):
    code = "oidc_refused"
    sentence = "{name} did not sign you in: it was cancelled, or is not allowed there."


class ProviderWrong(NotSignedInThere):
    status, code = 502, "oidc_provider_wrong"
    sentence = (
        "What {name} answered cannot be believed or understood. An administrator finds the reason "
        "in the log of this program."
    )


class ProviderAway(NotSignedInThere):
    status, code = 503, "oidc_provider_away"
    sentence = "{name} does not answer. Try again later, or sign in with a password kept here."


class NoRole(NotSignedInThere, NotAllowed):
    code = "oidc_no_role"
    sentence = (
        "{name} knows you, but you are in no group that may be here. Ask whoever looks after this "
        "program."
    )


class SwitchedOff(NotSignedInThere, NotAllowed):
    code = "oidc_switched_off"
    sentence = "Your user here is switched off. Ask whoever looks after this program."

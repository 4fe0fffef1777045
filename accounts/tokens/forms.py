"""The form of a new token."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone

from accounts.forms import AccountForm
from accounts.models import User
from accounts.rights import Role
from accounts.tokens import services
from accounts.tokens.services import LONGEST_NAME, NewToken

LIVES = [
    ("7", "7 days", ""),
    ("30", "30 days", ""),
    ("90", "90 days", ""),
    ("365", "One year", ""),
    ("date", "Until the end of a day", "Of the one below, in UTC; a year from now at most."),
]
PLAIN = {"autocomplete": "off", "spellcheck": "false", "placeholder": "nightly script on nas-01"}


class TokenForm(AccountForm):
    name = forms.CharField(
        label="Name",
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs=PLAIN),
        help_text="What it is for. It stands in the audit trail beside what the token does.",
        error_messages={"required": "Say what the token is for."},
    )
    role = forms.ChoiceField(choices=[], error_messages={"required": "Choose what it may do."})
    life = forms.ChoiceField(
        choices=[life[:2] for life in LIVES],
        initial="90",
        error_messages={"required": "Choose how long it is valid."},
    )
    expires_at = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "A day, as 2027-01-31."},
    )

    def __init__(self, request: HttpRequest, user: User) -> None:
        self.user: User = user
        self.made: NewToken | None = None
        self.roles = services.role_words(services.roles_for(user))
        first = self.roles[0][0] if self.roles else ""
        super().__init__(request, initial={"role": first})
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.choices = [choice[:2] for choice in self.roles]
        self.lives = LIVES

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        is_dated = values.get("life") == "date" and "expires_at" not in self.errors
        if is_dated and not values.get("expires_at"):
            self.add_error("expires_at", "Give the day.")
        return values

    def call(self, values: dict[str, Any]) -> None:
        if values["life"] == "date":
            expires_at = datetime.combine(values["expires_at"], time.max, UTC)
        else:
            expires_at = timezone.now() + timedelta(days=int(values["life"]))
        role = Role.of(values["role"])
        self.made = services.make_token(self.user, values["name"], role, expires_at)

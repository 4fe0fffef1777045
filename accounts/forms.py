"""The forms of the accounts' pages: what a service objects to stands beside its field."""

from typing import Any

from django import forms
from django.http import HttpRequest

from accounts import services
from accounts.models import LONGEST_USERNAME, User
from accounts.problems import SecondFactorNeeded
from accounts.second_factor import services as second_factor
from accounts.services import LONGEST_PASSWORD
from containermonkey.problems import Problem


def name_field(label: str, **options: Any) -> forms.CharField:
    attributes = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
    return forms.CharField(
        label=label,
        max_length=LONGEST_USERNAME,
        widget=forms.TextInput(attributes),
        **options,
    )


def password_field(label: str, autocomplete: str, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": autocomplete}),
        **options,
    )


class AccountForm(forms.Form):
    """A form whose saving is one call of a service. `problem` is what that call raised."""

    def __init__(self, request: HttpRequest, **options: Any) -> None:
        super().__init__(request.POST if request.method == "POST" else None, **options)
        self.request = request
        self.problem: Problem | None = None

    @property
    def status(self) -> int:
        """The status of the answer that shows the form, perhaps again."""
        if not self.is_bound:
            return 200
        return 429 if self.problem and self.problem.status == 429 else 422

    def save(self) -> bool:
        """Call the service; tell whether it did what was asked."""
        if not self.is_valid():
            return False
        try:
            self.call(self.cleaned_data)
        except Problem as problem:
            self.problem = problem
            self.add_error(None, problem.fields or str(problem))
        return self.problem is None

    def call(self, values: dict[str, Any]) -> None:
        raise NotImplementedError


class SignInForm(AccountForm):
    username = name_field("User name", error_messages={"required": "Enter the user name."})
    password = password_field(
        "Password", "current-password", error_messages={"required": "Enter the password."}
    )

    asks_for_code = False
    """Whether the password was right and a code is needed beside it."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        first = self.fields["password" if self.is_bound else "username"]
        first.widget.attrs["autofocus"] = True

    def call(self, values: dict[str, Any]) -> None:
        try:
            services.sign_in(self.request, values["username"], values["password"])
        except SecondFactorNeeded:
            user = User.objects.get(username=values["username"])
            second_factor.remember_password(self.request.session, user)
            self.asks_for_code = True


class PasswordForm(AccountForm):
    current_password = password_field(
        "Current password",
        "current-password",
        error_messages={"required": "Enter the current password."},
    )
    new_username = name_field("User name", required=False)
    new_password = password_field(
        "New password",
        "new-password",
        required=False,
        help_text="At least 10 characters. Leave it empty to keep the current one.",
        error_messages={"required": "Enter a new password."},
    )
    repeated_password = password_field("New password again", "new-password", required=False)

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, initial={"new_username": request.user.get_username()})
        self.change_due = services.change_due(request.user)
        if self.change_due:
            self.fields["new_password"].required = True
            self.fields["new_password"].help_text = "At least 10 characters."

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if values.get("new_password", "") != values.get("repeated_password", ""):
            self.add_error("repeated_password", "The two new passwords are not the same.")
        return values

    def call(self, values: dict[str, Any]) -> None:
        services.change_credentials(
            self.request,
            values["current_password"],
            values["new_username"],
            values["new_password"],
        )

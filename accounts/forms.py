"""The forms of the accounts' pages: what a service objects to stands beside its field."""

from typing import Any

from django import forms
from django.http import HttpRequest

from accounts import services
from accounts.services import LONGEST_PASSWORD
from containermonkey.problems import Problem


class AccountForm(forms.Form):
    """A form whose saving is one call of a service.

    `problem` is what that call raised. `status` is that of an answer that shows the form again.
    """

    problem: Problem | None = None

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request.POST if request.method == "POST" else None)
        self.request = request

    @property
    def status(self) -> int:
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
            fields = {name: text for name, text in problem.fields.items() if name in self.fields}
            self.add_error(None, fields or str(problem))
        return self.problem is None

    def call(self, values: dict[str, Any]) -> None:
        raise NotImplementedError


class SignInForm(AccountForm):
    username = forms.CharField(max_length=150, error_messages={"required": "Enter the user name."})
    password = forms.CharField(
        max_length=LONGEST_PASSWORD,
        strip=False,
        error_messages={"required": "Enter the password."},
    )

    def call(self, values: dict[str, Any]) -> None:
        services.sign_in(self.request, values["username"], values["password"])


class PasswordForm(AccountForm):
    current_password = forms.CharField(
        max_length=LONGEST_PASSWORD,
        strip=False,
        error_messages={"required": "Enter the current password."},
    )
    new_username = forms.CharField(max_length=150, required=False)
    new_password = forms.CharField(max_length=LONGEST_PASSWORD, strip=False, required=False)
    repeated_password = forms.CharField(max_length=LONGEST_PASSWORD, strip=False, required=False)

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

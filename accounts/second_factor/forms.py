"""The forms of the second factor: a code, and mostly the password with it."""

from typing import Any

from django import forms
from django.http import HttpRequest

from accounts import services as accounts
from accounts.forms import AccountForm, password_field
from accounts.models import User
from accounts.second_factor import switching
from accounts.second_factor.services import LONGEST_CODE


def code_field(help_text: str) -> forms.CharField:
    attributes = {
        "autocomplete": "one-time-code",
        "autocapitalize": "none",
        "spellcheck": "false",
        "class": "mono",
    }
    return forms.CharField(
        label="Code",
        max_length=LONGEST_CODE,
        widget=forms.TextInput(attributes),
        help_text=help_text,
        error_messages={"required": "Enter the code."},
    )


class CodeForm(AccountForm):
    otp = code_field("Six digits of your authenticator app, or a recovery code.")

    def __init__(self, request: HttpRequest, user: User) -> None:
        super().__init__(request)
        self.user = user
        self.codes: list[str] = []
        next(iter(self.fields.values())).widget.attrs["autofocus"] = True


class SignInCodeForm(CodeForm):
    def call(self, values: dict[str, Any]) -> None:
        accounts.complete_sign_in(self.request, self.user, values["otp"])


class ConfirmForm(CodeForm):
    def call(self, values: dict[str, Any]) -> None:
        switching.confirm(self.request, self.user, values["otp"])


class ProofForm(CodeForm):
    current_password = password_field(
        "Password", "current-password", error_messages={"required": "Enter the password."}
    )
    field_order = ["current_password", "otp"]

    def __init__(self, request: HttpRequest, user: User) -> None:
        super().__init__(request, user)
        if not user.has_usable_password():
            del self.fields["current_password"]


class SwitchOnForm(ProofForm):
    otp = code_field("The six digits that your authenticator app shows now.")

    def call(self, values: dict[str, Any]) -> None:
        password, code = values.get("current_password", ""), values["otp"]
        self.codes = switching.switch_on(self.request, self.user, password, code)


class RenewForm(ProofForm):
    def call(self, values: dict[str, Any]) -> None:
        password, code = values.get("current_password", ""), values["otp"]
        self.codes = switching.renew_recovery_codes(self.request, self.user, password, code)


class SwitchOffForm(ProofForm):
    def call(self, values: dict[str, Any]) -> None:
        password, code = values.get("current_password", ""), values["otp"]
        switching.switch_off(self.request, self.user, password, code)

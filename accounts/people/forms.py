"""The forms of the users' pages."""

from typing import Any

from django import forms
from django.http import HttpRequest

from accounts.forms import AccountForm, name_field, password_field
from accounts.people import services
from accounts.people.queries import Person
from accounts.people.services import Admission
from accounts.rights import Role

ROLES = [
    (Role.VIEWER, "Viewer", "Looks at everything but secrets, and changes nothing."),
    (
        Role.OPERATOR,
        "Operator",
        "Also starts, stops, backs up, restores what is gone, opens consoles and reads secrets.",
    ),
    (
        Role.ADMINISTRATOR,
        "Administrator",
        "Also deletes, restores over what is there, deploys, and looks after users.",
    ),
]
LEFT_EMPTY = "At least 10 characters. Leave it empty to have one made and shown once."


class RoleField(forms.ChoiceField):
    """Radio buttons, of which a template shows `options`: value, words, hint."""

    options = [(role.value, word, hint) for role, word, hint in ROLES]

    def __init__(self) -> None:
        choices = [(value, word) for value, word, _ in self.options]
        super().__init__(choices=choices, error_messages={"required": "Choose a role."})


def unknown_name(**options: Any) -> forms.CharField:
    """The name of somebody else, which the browser is not to fill in with one's own."""
    field = name_field("User name", error_messages={"required": "Enter a user name."}, **options)
    field.widget.attrs["autocomplete"] = "off"
    return field


class NewUserForm(AccountForm):
    username = unknown_name()
    role = RoleField()
    password = password_field(
        "One-time password", "new-password", required=False, help_text=LEFT_EMPTY
    )
    admission: Admission

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, initial={"role": Role.VIEWER.value})

    def call(self, values: dict[str, Any]) -> None:
        self.admission = services.create_user(
            values["username"], Role(values["role"]), values["password"]
        )


class FormOfPerson(AccountForm):
    """A form about somebody who is there already."""

    def __init__(self, request: HttpRequest, person: Person, **options: Any) -> None:
        super().__init__(request, **options)
        self.person = person


class RoleForm(FormOfPerson):
    role = RoleField()

    def __init__(self, request: HttpRequest, person: Person) -> None:
        super().__init__(request, person, initial={"role": person.role and person.role.value})

    def call(self, values: dict[str, Any]) -> None:
        self.person = services.change_role(self.person.id, Role(values["role"]))


class RenameForm(FormOfPerson):
    username = unknown_name()

    def __init__(self, request: HttpRequest, person: Person) -> None:
        super().__init__(request, person, initial={"username": person.username})

    def call(self, values: dict[str, Any]) -> None:
        self.person = services.rename_user(self.person.id, values["username"])


class OneTimePasswordForm(FormOfPerson):
    password = password_field(
        "One-time password", "new-password", required=False, help_text=LEFT_EMPTY
    )
    admission: Admission

    def call(self, values: dict[str, Any]) -> None:
        self.admission = services.reset_password(self.person.id, values["password"])


class DeleteForm(FormOfPerson):
    confirm = forms.CharField(required=False)

    def clean_confirm(self) -> str:
        typed: str = self.cleaned_data["confirm"].strip()
        if typed != self.person.username:
            raise forms.ValidationError(f"Type {self.person.username} to delete this user.")
        return typed

    def call(self, values: dict[str, Any]) -> None:
        services.delete_user(self.person.id)

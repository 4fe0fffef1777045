"""The forms of the volumes' pages."""

from django import forms
from django.http import HttpRequest

from containermonkey.forms import Pairs, add_problem
from containermonkey.problems import Conflict, Invalid
from volumes.creating import NewVolume, create_volume, volume_drivers
from volumes.types import Volume


class VolumeForm(forms.Form):
    name = forms.CharField(
        label="Name", max_length=255, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    driver = forms.ChoiceField(
        label="Driver", initial="local", widget=forms.Select(attrs={"class": "select"})
    )
    options = Pairs(
        label="Options of the driver",
        help_text="key=value, one a line. For a share: type=nfs, o=addr=10.0.0.5,rw and "
        "device=:/export. Everybody who may look at the volume sees them, a password among them "
        "too.",
    )
    labels = Pairs(label="Labels", help_text="key=value, one a line.")

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request.POST if request.method == "POST" else None)
        drivers = self.fields["driver"]
        assert isinstance(drivers, forms.ChoiceField)
        drivers.choices = [(name, name) for name in volume_drivers()]

    @property
    def status(self) -> int:
        return 422 if self.errors else 200

    def save(self) -> Volume | None:
        """Make the volume; None where the form has to be shown."""
        if not self.is_valid():
            return None
        try:
            return create_volume(NewVolume(**self.cleaned_data))
        except (Invalid, Conflict) as problem:
            add_problem(self, problem)
            return None

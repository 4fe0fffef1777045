"""What is asked before a name in a volume is given."""

from django import forms

from containermonkey.problems import Conflict, Invalid
from volumes.files.writing import making, moving


class FolderForm(forms.Form):
    name = forms.CharField(label="Name", max_length=1000)

    def make(self, volume: str, path: str) -> bool:
        """Make the folder; what is wrong with the name stands beside the field."""
        try:
            making.make_folder(volume, path, self.cleaned_data["name"])
        except (Conflict, Invalid) as problem:
            self.add_error("name", str(problem))
        return self.is_valid()


class RenameForm(forms.Form):
    name = forms.CharField(label="Name", max_length=1000, strip=False)
    folder = forms.CharField(
        label="Folder", max_length=4000, strip=False, help_text="Its path in the volume, from /"
    )
    overwrite = forms.BooleanField(required=False)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if "/" in name:
            raise forms.ValidationError("A name has no slash in it.")
        return name

    def move(self, volume: str, path: str) -> bool:
        """Rename or move it; what is in the way stands beside the field."""
        data = self.cleaned_data
        to = f"{data['folder'].rstrip('/')}/{data['name']}"
        try:
            moving.move(volume, path, to, overwrite=data["overwrite"])
        except (Conflict, Invalid) as problem:
            self.add_error("name", str(problem))
        return self.is_valid()

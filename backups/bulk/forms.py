"""The question before backups are deleted for good."""

from django import forms

WORD = "delete"


class DeleteForm(forms.Form):
    """Whoever deletes has to type a word, since nothing brings an archive back."""

    confirm = forms.CharField(max_length=50, error_messages={"required": f"Type {WORD} to go on."})

    def clean_confirm(self) -> str:
        if self.cleaned_data["confirm"].strip().casefold() != WORD:
            raise forms.ValidationError(f"Type {WORD} to go on.")
        return WORD

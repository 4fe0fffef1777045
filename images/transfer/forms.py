"""The form of an import. Its file is read as it arrives, and so not by the form itself."""

from django import forms
from django.http import HttpRequest

from containermonkey.problems import Problem
from containermonkey.uploads import incoming_files, the_file
from images.transfer.importing import Imported, import_images


class ImportForm(forms.Form):
    file = forms.FileField(
        label="A file that docker save has written, .tar or .tar.gz",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".tar,.tgz,.gz", "required": True}),
    )

    def __init__(self, request: HttpRequest) -> None:
        self.request, self.posted = request, request.method == "POST"
        super().__init__(request.POST if self.posted else None)
        self.status = 200

    def save(self) -> Imported | None:
        """Import the file; what is wrong with it stands beside the field."""
        if not self.posted:
            return None
        try:
            file = the_file(incoming_files(self.request))
            return import_images(file.name, file)
        except Problem as problem:
            self.add_error("file", str(problem))
            # An Engine that is away is no fault of the file.
            self.status = problem.status if problem.status >= 500 else 422
            return None

from typing import Any

from asgiref.sync import async_to_sync
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rights import needs
from containermonkey.problems import Invalid
from containers.console.options import LONGEST_COMMAND, Program
from containers.console.running import LONGEST_TIMEOUT, TIMEOUT, Ran, run_command
from containers.pages import container_page


class CommandForm(forms.Form):
    command = forms.CharField(
        max_length=LONGEST_COMMAND,
        strip=False,
        help_text="A program and its arguments, as ls -l /srv; for a shell, sh -c '…'",
    )
    user = forms.CharField(required=False, max_length=255, help_text="Empty: as its image has it")
    workdir = forms.CharField(label="Working folder", required=False, max_length=4096)
    timeout = forms.IntegerField(
        label="Seconds that it may take", initial=TIMEOUT, min_value=1, max_value=LONGEST_TIMEOUT
    )

    def run(self, reference: str) -> Ran | None:
        """Run the command; what is wrong with it stands beside its field."""
        asked = self.cleaned_data
        try:
            program = Program.of(asked["command"], asked["user"], asked["workdir"])
            return async_to_sync(run_command)(reference, program, asked["timeout"])
        except Invalid as problem:
            for field in problem.fields or ("command",):
                self.add_error(field, str(problem))
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("container.console")
def console(request: HttpRequest, reference: str) -> HttpResponse:
    context: dict[str, Any] = container_page(request, reference, "console")
    form = CommandForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        context["ran"] = form.run(context["container"].id)
    context["form"] = form
    status = 422 if form.errors else 200
    return render(request, "containers/console/page.html", context, status=status)

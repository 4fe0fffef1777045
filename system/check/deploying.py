"""What could be safer, for `manage.py check --deploy`."""

from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register

from system.check import exposure


@register(Tags.security, deploy=True)
def exposed(app_configs: Any, **options: Any) -> list[CheckMessage]:
    return [
        Warning(f"{check.name}: {check.detail}", hint=check.fix, id="containermonkey.W001")
        for check in exposure.at_start()
    ]

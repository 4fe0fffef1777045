from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from containermonkey.assets import AssetError, build


class Command(BaseCommand):
    help = "Copies the front-end files from node_modules and makes the sprite of the icons."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            built = build(settings.BASE_DIR)
        except AssetError as error:
            raise CommandError(str(error)) from None
        changed = [f"wrote {path.name}" for path in built.written]
        changed += [f"removed {path.name}" for path in built.removed]
        self.stdout.write(f"{built.icons} icons; {', '.join(changed) or 'nothing changed'}")

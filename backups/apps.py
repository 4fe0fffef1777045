from django.apps import AppConfig


class BackupsConfig(AppConfig):
    name = "backups"
    verbose_name = "Backups"

    def ready(self) -> None:
        from backups.coverage import coverage_of
        from backups.services import last_backups
        from containers.annotations import show_coverage, show_last_backups

        show_last_backups(last_backups)
        show_coverage(coverage_of)

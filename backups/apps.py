from functools import partial

from django.apps import AppConfig


class BackupsConfig(AppConfig):
    name = "backups"
    verbose_name = "Backups"

    def ready(self) -> None:
        from backups.coverage import coverage_of
        from backups.models import Kind
        from backups.networks.records import backups_of_network
        from backups.options import BackupOptions
        from backups.services import last_backups, request_backup
        from backups.volumes.records import backups_of_volume, last_backups_of_volumes
        from containers.annotations import show_coverage, show_last_backups
        from containers.bulk.actions import ANY, Action, add_action
        from networks.annotations import show_backups as show_network_backups
        from volumes.annotations import show_backups

        show_last_backups(last_backups)
        show_network_backups(backups_of_network, partial(last_backups, Kind.NETWORK))
        show_coverage(coverage_of)
        show_backups(backups_of_volume, last_backups_of_volumes)
        add_action(
            Action(
                *("backup", "Back up", "Queued the backup of"),
                icon="archive",
                act=lambda container, options: request_backup(container, BackupOptions()),
                states=ANY,
                needs="backup.request",
                in_order=True,
            )
        )

"""The rows of backups and schedules, to look at.

Those of backups are written by jobs and follow the files on disk. Those of schedules are changed on
their own pages, which check them and work out when they fall due.
"""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from backups.models import Backup, Schedule, ScheduleRun


class ToLookAt(admin.ModelAdmin):
    """Rows that are only shown: a change here would not be true of what they stand for."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Backup)
class BackupAdmin(ToLookAt):
    list_display = ["filename", "container_name", "kind", "size", "created", "verified", "schedule"]
    list_filter = ["kind", "verified", "schedule", "created"]
    list_select_related = ["schedule"]
    search_fields = ["filename", "container_name", "image", "sha256"]
    date_hierarchy = "created"


@admin.register(Schedule)
class ScheduleAdmin(ToLookAt):
    list_display = ["name", "enabled", "task", "expression", "time_zone", "covers", "next_run"]
    list_filter = ["enabled", "task", "covers", "time_zone"]
    search_fields = ["name"]


@admin.register(ScheduleRun)
class ScheduleRunAdmin(ToLookAt):
    list_display = ["schedule", "slot", "started"]
    list_filter = ["schedule", "started"]
    list_select_related = ["schedule"]
    search_fields = ["schedule__name"]
    date_hierarchy = "started"

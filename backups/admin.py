"""The rows of backups and schedules, to look at.

Those of backups are written by jobs and follow the files on disk: a backup is deleted on its own
page, where its file goes with it. Those of schedules are changed on their own pages, which check
them and work out when they fall due.
"""

from django.contrib import admin

from backups.models import Backup, Schedule, ScheduleRun
from containermonkey.admin_pages import LookOnly


@admin.register(Backup)
class BackupAdmin(LookOnly):
    list_display = [
        *("filename", "container_name", "kind", "origin", "size", "created"),
        *("verified", "verified_at", "proved_at", "schedule"),
    ]
    list_filter = [
        *("kind", "origin", "verified", "schedule", "created", "verified_at"),
        ("proved_at", admin.EmptyFieldListFilter),
        ("problem", admin.EmptyFieldListFilter),
        "container_name",
    ]
    list_select_related = ["schedule"]
    search_fields = ["filename", "container_name", "image", "sha256", "problem"]
    date_hierarchy = "created"


@admin.register(Schedule)
class ScheduleAdmin(LookOnly):
    list_display = ["name", "enabled", "task", "expression", "time_zone", "covers", "next_run"]
    list_filter = ["enabled", "task", "covers", "time_zone"]
    search_fields = ["name"]


@admin.register(ScheduleRun)
class ScheduleRunAdmin(LookOnly):
    list_display = ["schedule", "slot", "started"]
    list_filter = ["schedule", "started"]
    list_select_related = ["schedule"]
    search_fields = ["schedule__name"]
    date_hierarchy = "started"

"""The rows of backups, to look at: they are written by jobs and follow the files on disk.

A backup is deleted on its own page, where its file goes with it.
"""

from django.contrib import admin

from backups.models import Backup
from containermonkey.admin_pages import LookOnly


@admin.register(Backup)
class BackupAdmin(LookOnly):
    list_display = [
        *("filename", "container_name", "kind", "origin", "size", "created"),
        *("verified", "verified_at", "proved_at"),
    ]
    list_filter = [
        *("kind", "origin", "verified", "created", "verified_at"),
        ("proved_at", admin.EmptyFieldListFilter),
        ("problem", admin.EmptyFieldListFilter),
        "container_name",
    ]
    search_fields = ["filename", "container_name", "image", "sha256", "problem"]
    date_hierarchy = "created"

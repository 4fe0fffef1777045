"""The rows of backups, to look at: they are written by jobs and follow the files on disk."""

from django.contrib import admin
from django.http import HttpRequest

from backups.models import Backup


@admin.register(Backup)
class BackupAdmin(admin.ModelAdmin):
    list_display = ["filename", "container_name", "kind", "origin", "size", "created", "verified"]
    list_filter = ["kind", "origin", "verified", "created"]
    search_fields = ["filename", "container_name", "image", "sha256"]
    date_hierarchy = "created"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Backup | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Backup | None = None) -> bool:
        return False

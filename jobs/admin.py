"""The rows of jobs, to look at: the worker writes them, and undoes by them what was changed."""

from django.contrib import admin

from containermonkey.admin_pages import LookOnly
from jobs.models import Job


@admin.register(Job)
class JobAdmin(LookOnly):
    list_display = ["subject", "kind", "status", "requested_by", "created_at", "took", "error"]
    list_filter = ["kind", "status", "created_at"]
    list_select_related = ["requested_by"]
    search_fields = ["subject", "progress_id", "error", "requested_by__username"]
    date_hierarchy = "created_at"

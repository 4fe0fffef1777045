"""Registries in Django's admin, to look at, and without their passwords."""

from django.contrib import admin

from containermonkey.admin_pages import LookOnly
from images.models import Registry


@admin.register(Registry)
class RegistryAdmin(LookOnly):
    list_display = ["address", "username", "verified_at", "created_at"]
    search_fields = ["address", "username"]
    exclude = ["secret"]

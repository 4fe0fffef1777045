"""The pages that look after the installation itself."""

from django.urls import include, path

from system.check.views import check
from system.cleanup.views import clean_up

app_name = "system"
urlpatterns = [
    path("", include("system.dashboard.urls")),
    path("check/", check, name="check"),
    path("clean-up/", clean_up, name="clean_up"),
]

"""The site map."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from containermonkey import views
from containermonkey.api import api
from containers.console.views import console

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="containers:list"), name="home"),
    path("accounts/", include("accounts.urls")),
    path("containers/", include("containers.urls")),
    path("console/<str:reference>", console, name="console"),
    path("stacks/", include("stacks.urls")),
    path("backups/sets/", include("backups.sets.urls")),
    path("backups/", include("backups.urls")),
    path("networks/", include("networks.urls")),
    path("jobs/", include("jobs.urls")),
    path("volumes/", include("volumes.urls")),
    path("theme/", views.set_theme, name="set_theme"),
    path("admin/", admin.site.urls),
    path("healthz", views.healthz, name="healthz"),
    path("api/", api.urls),
    re_path(r"^api/.*$", views.api_not_found),
]

handler400 = "containermonkey.views.bad_request"
handler403 = "containermonkey.views.permission_denied"
handler404 = "containermonkey.views.page_not_found"
handler500 = "containermonkey.views.server_error"

"""The site map."""

from django.contrib import admin
from django.urls import include, path, re_path

from containermonkey import views
from containermonkey.api import api
from containers.console.views import console
from system.dashboard.views import dashboard
from system.metrics import metrics

urlpatterns = [
    path("", dashboard, name="home"),
    path("system/", include("system.urls")),
    path("accounts/", include("accounts.urls")),
    path("containers/", include("containers.urls")),
    path("console/<str:reference>", console, name="console"),
    path("stacks/", include("stacks.urls")),
    path("backups/sets/", include("backups.sets.urls")),
    path("backups/", include("backups.urls")),
    path("images/pull/", include("images.pulling.urls")),
    path("images/registries/", include("images.registries.urls")),
    path("images/", include("images.transfer.urls")),
    path("images/", include("images.urls")),
    path("networks/", include("networks.urls")),
    path("jobs/", include("jobs.urls")),
    path("statistics/", include("stats.urls")),
    path("search/", include("search.urls")),
    path("events/", include("system.events.urls")),
    path("volumes/<str:name>/", include("backups.volumes.urls")),
    path("volumes/", include("volumes.urls")),
    path("engine/", views.engine_state, name="engine_state"),
    path("theme/", views.set_theme, name="set_theme"),
    path("admin/", admin.site.urls),
    path("healthz", views.healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("api/", api.urls),
    re_path(r"^api/.*$", views.api_not_found),
]

handler400 = "containermonkey.views.bad_request"
handler403 = "containermonkey.views.permission_denied"
handler404 = "containermonkey.views.page_not_found"
handler500 = "containermonkey.views.server_error"

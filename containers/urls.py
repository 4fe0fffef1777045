"""The pages of containers. `reference` is a name, an id or an unambiguous beginning of one.

What is about no single one begins with `-`, as no name does.
"""

from django.urls import path

from containers import dialogs, views
from containers.bulk import views as bulk
from containers.details import views as details
from containers.logs import views as logs
from containers.redeploy.views import redeploy
from containers.stats.views import stats

app_name = "containers"
urlpatterns = [
    path("", views.container_list, name="list"),
    path("-/bulk/", bulk.act, name="bulk"),
    path("<str:reference>/", details.overview, name="detail"),
    path("<str:reference>/logs/", logs.logs, name="logs"),
    path("<str:reference>/logs/download/", logs.download, name="download_log"),
    path("<str:reference>/stats/", stats, name="stats"),
    path("<str:reference>/environment/", details.environment, name="environment"),
    path("<str:reference>/inspect/", details.inspect, name="inspect"),
    path("<str:reference>/start/", views.start, name="start"),
    path("<str:reference>/stop/", views.stop, name="stop"),
    path("<str:reference>/restart/", views.restart, name="restart"),
    path("<str:reference>/pause/", views.pause, name="pause"),
    path("<str:reference>/unpause/", views.unpause, name="unpause"),
    path("<str:reference>/kill/", dialogs.kill, name="kill"),
    path("<str:reference>/rename/", dialogs.rename, name="rename"),
    path("<str:reference>/redeploy/", redeploy, name="redeploy"),
    path("<str:reference>/delete/", dialogs.delete, name="delete"),
]

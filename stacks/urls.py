from django.urls import include, path

from stacks import views
from stacks.bulk.views import act
from stacks.logs.views import download, logs
from stacks.redeploy.views import redeploy

app_name = "stacks"
urlpatterns = [
    path("", views.list_stacks, name="list"),
    path("-/bulk/", act, name="bulk"),
    path("", include("stacks.deploy.urls")),
    path("<name>/", views.detail, name="detail"),
    path("<name>/start/", views.start, name="start"),
    path("<name>/stop/", views.stop, name="stop"),
    path("<name>/restart/", views.restart, name="restart"),
    path("<name>/delete/", views.delete, name="delete"),
    path("<name>/backup/", views.back_up, name="backup"),
    path("<name>/redeploy/", redeploy, name="redeploy"),
    path("<name>/logs/", logs, name="logs"),
    path("<name>/logs/download/", download, name="download_logs"),
]

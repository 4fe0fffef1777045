"""The pages of containers. `reference` is a name, an id or an unambiguous beginning of one."""

from django.urls import path

from containers import views
from containers.details import views as details

app_name = "containers"
urlpatterns = [
    path("", views.container_list, name="list"),
    path("<str:reference>/", details.overview, name="detail"),
    path("<str:reference>/environment/", details.environment, name="environment"),
    path("<str:reference>/inspect/", details.inspect, name="inspect"),
    path("<str:reference>/start/", views.start, name="start"),
    path("<str:reference>/stop/", views.stop, name="stop"),
    path("<str:reference>/restart/", views.restart, name="restart"),
    path("<str:reference>/delete/", views.delete, name="delete"),
]

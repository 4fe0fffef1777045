"""The pages of containers. `reference` is a name, an id or an unambiguous beginning of one."""

from django.urls import path

from containers import views

app_name = "containers"
urlpatterns = [
    path("", views.container_list, name="list"),
    path("<str:reference>/", views.detail, name="detail"),
    path("<str:reference>/start/", views.start, name="start"),
    path("<str:reference>/stop/", views.stop, name="stop"),
    path("<str:reference>/restart/", views.restart, name="restart"),
    path("<str:reference>/delete/", views.delete, name="delete"),
]

from django.urls import path

from stacks import views

app_name = "stacks"
urlpatterns = [
    path("", views.list_stacks, name="list"),
    path("<name>/", views.detail, name="detail"),
    path("<name>/start/", views.start, name="start"),
    path("<name>/stop/", views.stop, name="stop"),
    path("<name>/restart/", views.restart, name="restart"),
    path("<name>/delete/", views.delete, name="delete"),
    path("<name>/backup/", views.back_up, name="backup"),
]

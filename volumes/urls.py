from django.urls import include, path

from volumes import views

app_name = "volumes"
urlpatterns = [
    path("", views.volume_list, name="list"),
    path("-/new/", views.create, name="create"),
    path("new/", views.shortcut, {"name": "new", "to": "volumes:create"}),
    path("-/prune/", views.prune, name="prune"),
    path("prune/", views.shortcut, {"name": "prune", "to": "volumes:prune"}),
    path("-/sizes/", views.count_sizes, name="count_sizes"),
    path("-/delete/", views.delete_several, name="delete_several"),
    path("<str:name>/", views.detail, name="detail"),
    path("<str:name>/delete/", views.delete, name="delete"),
    path("<str:name>/files/", include("volumes.files.urls")),
]

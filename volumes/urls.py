from django.urls import include, path

from volumes import views

app_name = "volumes"
urlpatterns = [
    path("", views.volume_list, name="list"),
    path("-/delete/", views.delete_several, name="delete_several"),
    path("<str:name>/", views.detail, name="detail"),
    path("<str:name>/delete/", views.delete, name="delete"),
    path("<str:name>/files/", include("volumes.files.urls")),
]

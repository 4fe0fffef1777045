from django.urls import path

from volumes.files import views

app_name = "files"
urlpatterns = [
    path("", views.folder, name="folder"),
    path("shown/", views.shown, name="shown"),
    path("picture/", views.picture, name="picture"),
]

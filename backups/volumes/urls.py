from django.urls import path

from backups.volumes import views

app_name = "volume_backups"
urlpatterns = [
    path("backup/", views.back_up, name="create"),
    path("clone/", views.clone, name="clone"),
]

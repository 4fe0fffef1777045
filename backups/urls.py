from django.urls import path

from backups import views
from backups.networks import views as network_views
from backups.protection import views as protection_views

app_name = "backups"
urlpatterns = [
    path("", views.list_backups, name="list"),
    path("create/<container>/", views.create, name="create"),
    path("coverage/", protection_views.coverage, name="coverage"),
    path("networks/upload/", network_views.upload, name="upload_network"),
    path("networks/<reference>/create/", network_views.create, name="create_network"),
    path("<filename>/", views.detail, name="detail"),
    path("<filename>/restore/", views.restore, name="restore"),
    path("<filename>/put-back/", views.put_back, name="put_back"),
    path("<filename>/delete/", views.delete, name="delete"),
]

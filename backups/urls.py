from django.urls import include, path

from backups import views
from backups.bulk import views as bulk
from backups.networks import views as network_views
from backups.protection import views as protection_views

app_name = "backups"
urlpatterns = [
    path("", views.list_backups, name="list"),
    path("upload/", views.upload, name="upload"),
    path("bulk/", bulk.act, name="bulk"),
    path("delete-all/", bulk.delete_all, name="delete_all"),
    path("scan/", bulk.scan, name="scan"),
    path("forget/", bulk.forget, name="forget"),
    path("schedules/", include("backups.schedules.urls")),
    path("create/<container>/", views.create, name="create"),
    path("coverage/", protection_views.coverage, name="coverage"),
    path("networks/upload/", network_views.upload, name="upload_network"),
    path("networks/<reference>/create/", network_views.create, name="create_network"),
    path("<filename>/", views.detail, name="detail"),
    path("<filename>/restore/", views.restore, name="restore"),
    path("<filename>/put-back/", views.put_back, name="put_back"),
    path("<filename>/verify/", views.verify, name="verify"),
    path("<filename>/rehearse/", views.rehearse, name="rehearse"),
    path("<filename>/delete/", views.delete, name="delete"),
    path("<filename>/seen-smaller/", views.seen_smaller, name="seen_smaller"),
]

from django.urls import include, path

from backups import views

app_name = "backups"
urlpatterns = [
    path("", views.list_backups, name="list"),
    path("schedules/", include("backups.schedules.urls")),
    path("create/<container>/", views.create, name="create"),
    path("<filename>/", views.detail, name="detail"),
    path("<filename>/restore/", views.restore, name="restore"),
    path("<filename>/delete/", views.delete, name="delete"),
    path("<filename>/seen-smaller/", views.seen_smaller, name="seen_smaller"),
]

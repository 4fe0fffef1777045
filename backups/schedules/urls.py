from django.urls import path

from backups.schedules import views

app_name = "schedules"
urlpatterns = [
    path("", views.schedule_list, name="list"),
    path("new/", views.new, name="new"),
    path("<int:key>/", views.detail, name="detail"),
    path("<int:key>/edit/", views.edit, name="edit"),
    path("<int:key>/run/", views.run, name="run"),
    path("<int:key>/switch/", views.switch, name="switch"),
    path("<int:key>/delete/", views.delete, name="delete"),
]

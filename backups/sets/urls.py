from django.urls import path

from backups.sets import views

app_name = "sets"
urlpatterns = [
    path("<uuid:set_id>/", views.detail, name="detail"),
    path("<uuid:set_id>/restore/", views.restore, name="restore"),
]

from django.urls import path

from backups import views

app_name = "backups"
urlpatterns = [
    path("", views.list_backups, name="list"),
    path("create/<container>/", views.create, name="create"),
    path("<filename>/", views.detail, name="detail"),
    path("<filename>/restore/", views.restore, name="restore"),
    path("<filename>/put-back/", views.put_back, name="put_back"),
    path("<filename>/verify/", views.verify, name="verify"),
    path("<filename>/rehearse/", views.rehearse, name="rehearse"),
    path("<filename>/delete/", views.delete, name="delete"),
]

from django.urls import path

from system.dashboard import views

urlpatterns = [
    path("coverage/", views.coverage, name="coverage"),
    path("disk/", views.disk, name="disk"),
]

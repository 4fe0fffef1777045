from django.urls import path

from images.registries import views

app_name = "registries"
urlpatterns = [
    path("", views.registry_list, name="list"),
    path("new/", views.new, name="new"),
    path("<int:key>/edit/", views.edit, name="edit"),
    path("<int:key>/check/", views.check, name="check"),
    path("<int:key>/delete/", views.delete, name="delete"),
]

from django.urls import path

from stacks import views

app_name = "stacks"
urlpatterns = [
    path("", views.list_stacks, name="list"),
    path("<name>/", views.detail, name="detail"),
    path("<name>/backup/", views.back_up, name="backup"),
]

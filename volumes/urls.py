from django.urls import include, path

from volumes import views

app_name = "volumes"
urlpatterns = [
    path("<str:name>/", views.detail, name="detail"),
    path("<str:name>/files/", include("volumes.files.urls")),
]

from django.urls import path

from volumes import views

app_name = "volumes"
urlpatterns = [
    path("<str:name>/", views.detail, name="detail"),
]

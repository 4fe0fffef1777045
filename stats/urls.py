"""The page of what all containers use."""

from django.urls import path

from stats import views

app_name = "statistics"
urlpatterns = [
    path("", views.statistics, name="all"),
    path("refresh/", views.refresh, name="refresh"),
]

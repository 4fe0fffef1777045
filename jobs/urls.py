"""The pages of jobs."""

from django.urls import path

from jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.job_list, name="list"),
    path("<uuid:progress_id>/", views.detail, name="detail"),
    path("<uuid:progress_id>/cancel/", views.cancel, name="cancel"),
    path("<uuid:progress_id>/run-again/", views.run_again, name="run_again"),
]

from django.urls import path

from images.pulling import views

app_name = "pulling"
urlpatterns = [
    path("", views.pull, name="pull"),
]

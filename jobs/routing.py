from django.urls import path

from jobs.consumers import ProgressConsumer

urlpatterns = [path("ws/progress", ProgressConsumer.as_asgi())]

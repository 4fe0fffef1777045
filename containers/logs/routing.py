from django.urls import path

from containers.logs.consumers import LogConsumer

urlpatterns = [path("ws/containers/<reference>/logs", LogConsumer.as_asgi())]

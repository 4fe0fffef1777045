from django.urls import path

from containers.console.consumers import ConsoleConsumer

urlpatterns = [path("ws/containers/<str:reference>/exec", ConsoleConsumer.as_asgi())]

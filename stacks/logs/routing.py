from django.urls import path

from stacks.logs.consumers import StackLogConsumer

urlpatterns = [path("ws/stacks/<name>/logs", StackLogConsumer.as_asgi())]

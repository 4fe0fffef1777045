from django.urls import path

from system.host.consumers import SystemConsumer

urlpatterns = [path("ws/system", SystemConsumer.as_asgi())]

from django.urls import path

from containers.console.consumers import console_socket

urlpatterns = [
    path("ws/containers/<str:reference>/exec", console_socket),  # type: ignore[arg-type]
]

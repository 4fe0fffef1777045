from django.urls import path

from accounts.rights import needs
from containers.console.consumers import console_socket

urlpatterns = [
    path("ws/containers/<str:reference>/exec", needs("container.console")(console_socket)),  # type: ignore[arg-type]
]

"""The ASGI application: pages and API by Django, sockets by Channels."""

import os

import django
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "containermonkey.settings")
django.setup(set_prefix=False)  # before the imports that need Django's apps

from containermonkey.bodies import StreamingHandler  # noqa: E402 - see above
from containermonkey.sockets import GuardedSocket, refuse  # noqa: E402 - see above
from containers.console.routing import urlpatterns as console_sockets  # noqa: E402
from containers.logs.routing import urlpatterns as log_sockets  # noqa: E402 - see above
from jobs.routing import urlpatterns as job_sockets  # noqa: E402 - see above

# Without it, an address that is no socket's would count as a defect of ours.
nowhere = re_path("", refuse)  # type: ignore[arg-type]  # an ASGI application is no view

sockets = [*job_sockets, *console_sockets, *log_sockets]

application = ProtocolTypeRouter(
    {
        "http": StreamingHandler(),
        "websocket": AuthMiddlewareStack(GuardedSocket(URLRouter([*sockets, nowhere]))),
    }
)

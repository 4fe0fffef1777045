"""The ASGI application: pages and API by Django, sockets by Channels."""

import asyncio
import os
from copy import copy
from typing import Any

import django
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import URLPattern, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "containermonkey.settings")
django.setup(set_prefix=False)  # before the imports that need Django's apps

from containermonkey.bodies import StreamingHandler  # noqa: E402 - see above
from containermonkey.front.cookies import SecureCookies  # noqa: E402 - see above
from containermonkey.front.proxies import Proxies  # noqa: E402 - see above
from containermonkey.sockets import FaultsOfTheDatabase, GuardedSocket, refuse  # noqa: E402 - see above
from containers.console.routing import urlpatterns as console_sockets  # noqa: E402
from containers.logs.routing import urlpatterns as log_sockets  # noqa: E402 - see above
from jobs.routing import urlpatterns as job_sockets  # noqa: E402 - see above
from stacks.logs.routing import urlpatterns as stack_sockets  # noqa: E402 - see above
from stats.collector import collector  # noqa: E402 - see above
from system.host.sampling import sampler  # noqa: E402 - see above
from system.routing import urlpatterns as system_sockets  # noqa: E402 - see above

# Without it, an address that is no socket's would count as a defect of ours.
nowhere = re_path("", refuse)  # type: ignore[arg-type]  # an ASGI application is no view


def guarded(route: URLPattern) -> URLPattern:
    """The same address, and whoever is there first asks who comes."""
    own = copy(route)
    own.callback = GuardedSocket(route.callback)
    return own


apart = [*job_sockets, *console_sockets, *log_sockets, *stack_sockets, *system_sockets]
sockets = [guarded(route) for route in apart]


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """What the server says of its start and its end."""
    for moment in ("startup", "shutdown"):
        await receive()
        if moment == "shutdown":
            await asyncio.to_thread(collector.keep)
        await send({"type": f"lifespan.{moment}.complete"})


sampler.start()  # the first page has figures of the host by then

protocols = ProtocolTypeRouter(
    {
        "http": StreamingHandler(),
        "lifespan": lifespan,
        "websocket": FaultsOfTheDatabase(AuthMiddlewareStack(URLRouter([*sockets, nowhere]))),
    }
)
application = Proxies(SecureCookies(protocols))

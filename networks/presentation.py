"""How a network is told about on its page."""

from containermonkey import figures
from networks.types import Network

FLAGS = {
    "internal": ("Internal", "No way out to other networks"),
    "attachable": ("Attachable", "Also for containers that are no service’s"),
    "ipv6": ("IPv6", "On"),
    "ingress": ("Ingress", "The swarm’s published ports come through it"),
    "config_only": ("Settings only", "Other networks are made after it"),
}


def facts(network: Network) -> list[tuple[str, str]]:
    """The plain lines; what is not set is left out."""
    lines = [
        ("Driver", network.driver),
        ("Scope", network.scope),
        *(pair for field, pair in FLAGS.items() if getattr(network, field)),
        ("Settings from", network.config_from or ""),
        ("Addresses from", network.ipam.driver if network.ipam.driver != "default" else ""),
        ("Stack", network.stack or ""),
        ("Created", figures.moment(network.created) if network.created else ""),
        ("Id", network.id),
    ]
    return [(name, value) for name, value in lines if value]

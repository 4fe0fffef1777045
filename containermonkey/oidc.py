"""The settings of the sign-in through an OIDC provider: whole and safe, or the start is refused."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from containermonkey.env import WrongSetting

PREFIX = "CONTAINERMONKEY_OIDC_"
ROLES = ("viewer", "operator", "administrator")
LONGEST_ISSUER = 255
SCOPES = ["profile"]
ROLES_CLAIM = "groups"


@dataclass(frozen=True)
class Oidc:
    """A provider, and what the groups that it tells of are here.

    `name` is for people. `groups` has, for each role, the values of `roles_claim` that give it;
    `default_role` is given to whoever has none of them, and empty where nobody is to have it.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    scopes: list[str]
    roles_claim: str
    groups: dict[str, list[str]]
    default_role: str

    @property
    def decides_roles(self) -> bool:
        """Whether the provider says who has which role; else it is given here."""
        return any(self.groups.values())


def provider(
    *,
    issuer: str,
    client_id: str,
    client_secret: str,
    name: str = "",
    scopes: list[str],
    roles_claim: str = "",
    viewers: list[str],
    operators: list[str],
    administrators: list[str],
    default_role: str = "",
) -> Oidc | None:
    """The provider that the settings name; None where they name none.

    Raise WrongSetting with the variable that is missing or unsafe.
    """
    needed = {"ISSUER": issuer, "CLIENT_ID": client_id, "CLIENT_SECRET": client_secret}
    groups = dict(zip(ROLES, (viewers, operators, administrators), strict=True))
    rest = (name, scopes, roles_claim, default_role, *groups.values())
    if not any((*needed.values(), *rest)):
        return None
    for variable, value in needed.items():
        if not value:
            raise WrongSetting(f"{PREFIX}{variable} is missing; other settings of OIDC are there.")
    refuse_unsafe(issuer)
    if not (any(groups.values()) or default_role):
        variables = ", ".join(f"{PREFIX}{role.upper()}S" for role in reversed(ROLES))
        raise WrongSetting(
            f"{variables} or {PREFIX}DEFAULT_ROLE must be set: without any of them, the provider "
            "could let nobody in."
        )
    return Oidc(
        issuer=issuer,
        client_id=client_id,
        client_secret=client_secret,
        name=name or str(urlsplit(issuer).hostname),
        scopes=["openid", *(scope for scope in scopes or SCOPES if scope != "openid")],
        roles_claim=roles_claim or ROLES_CLAIM,
        groups=groups,
        default_role=default_role,
    )


def refuse_unsafe(issuer: str) -> None:
    """Raise WrongSetting for an issuer that others could speak for, or that cannot be one."""
    try:
        parts = urlsplit(issuer)
        bare = parts.hostname and parts.port != 0 and not (parts.query or parts.fragment)
    except ValueError:
        bare = False
    # What it is may hold a password, and this is for the log.
    if not bare or "@" in parts.netloc or len(issuer) > LONGEST_ISSUER:
        raise WrongSetting(
            f"{PREFIX}ISSUER must be an address such as https://id.example.org/realm, without "
            "user, query or fragment."
        )
    if not is_safe(issuer):
        raise WrongSetting(
            f"{PREFIX}ISSUER must begin with https://, unless it is on this machine: whoever "
            "listens could sign in as anybody."
        )


def is_safe(address: str) -> bool:
    """Whether nobody between here and an address can read or change what is said."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False

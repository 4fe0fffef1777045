"""The password for a registry, as it lies in the database."""

from containermonkey.encryption import SecretUnreadable
from containermonkey.encryption import decrypted as secret_of


class PasswordUnreadable(SecretUnreadable):
    """The key is another one than that with which the password was encrypted."""

    code = "password_unreadable"


def decrypted(secret: str, address: str) -> str:
    """The password again. Raise PasswordUnreadable where the key was lost or changed."""
    try:
        return secret_of(secret)
    except SecretUnreadable:
        raise PasswordUnreadable(
            f"The password for {address} can no longer be read, because the key of this "
            "installation was changed. Enter it again under Registries."
        ) from None

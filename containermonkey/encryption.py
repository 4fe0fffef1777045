"""Secrets as they lie in the database: encrypted, with a key that is not in it.

The key's file is in the data directory. A copy of the database alone gives no secret away. While
the key is being changed the file has two lines, the new one first.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from containermonkey.problems import Conflict

KEY_FILE = "encryption.key"

Again = Callable[[str], str]
ROOMS: list[Callable[[Again], int]] = []


class SecretUnreadable(Conflict):
    """The key is another one than that with which a secret was encrypted."""

    code = "secret_unreadable"


def encrypted(secret: str) -> str:
    """A secret as it may be written down."""
    return cipher().encrypt(secret.encode()).decode()


def decrypted(written: str) -> str:
    """The secret again. Raise SecretUnreadable where the key was lost or changed."""
    try:
        return cipher().decrypt(written.encode()).decode()
    except InvalidToken:
        raise SecretUnreadable(
            "It can no longer be read, because the key of this installation was changed."
        ) from None


def encrypted_again(written: str) -> str:
    """The same secret as the first key has it. Raise SecretUnreadable as `decrypted` does."""
    return encrypted(decrypted(written))


def keeps_secrets(write_again: Callable[[Again], int]) -> Callable[[Again], int]:
    """Declare how the secrets of an app get another key.

    The function is given what makes the new text of an old one, puts it in the place of each that
    is kept, and says how many there were. Whoever keeps secrets and does not declare it here loses
    them when the key is changed.
    """
    ROOMS.append(write_again)
    return write_again


def cipher() -> MultiFernet:
    """Authenticated encryption by the first key, which can read what any of them wrote."""
    return MultiFernet([*ciphers(settings.ENCRYPTION_KEY)])


def ciphers(keys: str) -> Iterator[Fernet]:
    """One for each line; Fernet's key is 32 bytes, and those of the file are longer."""
    for key in keys.split():
        digest = hashlib.sha256(key.encode()).digest()
        yield Fernet(base64.urlsafe_b64encode(digest))

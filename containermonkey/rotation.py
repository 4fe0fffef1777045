"""Another key for what is kept encrypted, as where somebody may have seen the old one."""

from django.conf import settings
from django.db import transaction

from containermonkey.encryption import KEY_FILE, ROOMS, encrypted_again
from containermonkey.keys import new_key, write_keys
from jobs.lock import only_worker


def rotate_key() -> int:
    """Make a new key, have it encrypt all that is kept, and forget the old; how many there were.

    Both keys are in the file until everything is written, so a process that dies on the way leaves
    nothing unreadable. Raise Conflict while the program runs, which knows the old one alone, and
    SecretUnreadable where something cannot be read: then all remains as it was.
    """
    path, before = settings.DATA_DIR / KEY_FILE, settings.ENCRYPTION_KEY
    with only_worker():
        keys = [new_key(), *before.split()]
        write_keys(path, keys)
        settings.ENCRYPTION_KEY = "\n".join(keys)
        try:
            with transaction.atomic():
                number = sum(write_again(encrypted_again) for write_again in ROOMS)
        except BaseException:
            # Where it is not known what was written, either key may be needed.
            settings.ENCRYPTION_KEY = "\n".join([*before.split(), keys[0]])
            write_keys(path, settings.ENCRYPTION_KEY.split())
            raise
        settings.ENCRYPTION_KEY = keys[0]
        write_keys(path, keys[:1])
    return number

"""Passwords that serve once."""

import secrets

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is easily taken for another when it is read out or written down."""

GROUPS, LENGTH = 4, 5


def make_one_time_password() -> str:
    """Such as `k7fqm-3hxwe-p9c2t-azr4n`: 20 letters of 31, which is 99 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(GROUPS))

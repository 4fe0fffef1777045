"""Warnings that callers can cause: each goes into the log once, and not without end."""

import logging

MOST = 200
_said: set[str] = set()


def warn_once(logger: logging.Logger, sentence: str) -> None:
    """Log a sentence that has not been logged by this process before."""
    sentence = "".join(letter for letter in sentence if letter.isprintable())
    if sentence not in _said and len(_said) < MOST:
        _said.add(sentence)
        logger.warning("%s", sentence)

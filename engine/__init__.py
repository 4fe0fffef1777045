"""The only door to Docker.

``with engine() as docker:`` gives a client of the current Engine; whatever goes wrong on the way
comes out as one of ``engine.errors``.
"""

from engine.client import Docker, engine, refuse_unreachable

__all__ = ["Docker", "engine", "refuse_unreachable"]

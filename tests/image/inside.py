"""Connections that begin in the private Engine's network, where ports are published."""

import ctypes
import http.client
import os
import socket
from concurrent.futures import ThreadPoolExecutor

from tests.private_engine import PrivateEngine

NETWORK = 0x40000000
"""CLONE_NEWNET: which kind of namespace it is."""


class ConnectionInside(http.client.HTTPConnection):
    """Like any other, to an address as the Engine's host has it."""

    def __init__(self, engine: PrivateEngine, port: int) -> None:
        super().__init__("127.0.0.1", port, timeout=120)
        self.process = engine.processes()[0]

    def connect(self) -> None:
        # A thread enters a namespace by itself, and ends; a socket stays where it was made.
        with ThreadPoolExecutor(1) as thread:
            self.sock = thread.submit(self._connected).result()

    def _connected(self) -> socket.socket:
        namespace = os.open(f"/proc/{self.process}/ns/net", os.O_RDONLY)
        try:
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.setns(namespace, NETWORK) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        finally:
            os.close(namespace)
        return socket.create_connection((self.host, self.port), self.timeout)

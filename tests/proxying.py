"""A small reverse proxy, with TLS or without, for tests of what stands before Django."""

import asyncio
import contextlib
import datetime
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Proxy:
    """Passes one request for each connection on, or one socket, with headers of its choice.

    `headers` are added; `host` takes the place of the caller's own.
    """

    def __init__(self, port: int, address: str, headers: dict[str, str], host: str) -> None:
        self.port, self.address, self.headers, self.host = port, address, headers, host
        self.url = ""
        self.passing: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self.end: Callable[[], object] = lambda: None

    async def serve(self, tls: ssl.SSLContext | None, ready: threading.Event) -> None:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        self.end = lambda: loop.call_soon_threadsafe(over.set)
        ready.set()
        await over.wait()
        server.close()
        # A task that is cancelled before it has begun closes nothing.
        accepted = list(self.passing.values())
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for back in accepted:
            back.transport.abort()
        await asyncio.sleep(0)

    def _accept(self, caller: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        # Once a connection is lost, nothing else holds on to the task that is closing it.
        task = asyncio.create_task(self._pass_on(caller, back))
        self.passing[task] = back
        task.add_done_callback(self.passing.pop)

    async def _pass_on(self, caller: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        async with contextlib.AsyncExitStack() as open_ends:
            open_ends.push_async_callback(closed, back)
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                head = await caller.readuntil(b"\r\n\r\n")
                program, forth = await asyncio.open_connection(
                    "127.0.0.1", self.port, local_addr=(self.address, 0)
                )
                open_ends.push_async_callback(closed, forth)
                forth.write(self._changed(head.removesuffix(b"\r\n\r\n")) + b"\r\n\r\n")
                sending = asyncio.create_task(pump(caller, forth))
                open_ends.callback(sending.cancel)
                await pump(program, back)

    def _changed(self, head: bytes) -> bytes:
        first, *lines = head.split(b"\r\n")
        if not any(line.lower().startswith(b"upgrade:") for line in lines):
            lines = [*without(lines, b"connection:"), b"Connection: close"]
        if self.host:
            lines = [*without(lines, b"host:"), f"Host: {self.host}".encode()]
        added = [f"{name}: {value}".encode() for name, value in self.headers.items()]
        return b"\r\n".join([first, *lines, *added])


def without(lines: list[bytes], name: bytes) -> list[bytes]:
    return [line for line in lines if not line.lower().startswith(name)]


async def closed(end: asyncio.StreamWriter) -> None:
    """Close one end, and wait for that whatever the other side does."""
    end.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(1):
            await end.wait_closed()


async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await source.read(1 << 16):
            target.write(piece)
            await target.drain()


@contextlib.contextmanager
def proxy(
    port: int,
    headers: dict[str, str],
    *,
    address: str = "127.0.0.2",
    host: str = "",
    tls: ssl.SSLContext | None = None,
) -> Iterator[Proxy]:
    """A proxy at `address` of the loopback network, before the program at `port`."""
    running, ready = Proxy(port, address, headers, host), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(running.serve(tls, ready)), daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield running
    finally:
        running.end()
        thread.join(30)


def self_signed(folder: Path) -> ssl.SSLContext:
    """The server's side of TLS, with a certificate for 127.0.0.1 that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "proxy")])
    now = datetime.datetime.now(datetime.UTC)
    addresses = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    certificate = made.add_extension(addresses, critical=False).sign(key, hashes.SHA256())
    file = folder / "proxy.pem"
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file.write_bytes(
        key.private_bytes(*form, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context

"""Commands in a started helper."""

import datetime
import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from containermonkey.problems import EngineRefused, EngineUnreachable
from engine import engine as current_engine
from engine.commands import command_in, half_close, run
from engine.waiting import waiting_helper

LABEL = "volume-files"


@pytest.fixture
def helper(docker, busybox):
    with current_engine() as ours, waiting_helper(ours, busybox, [], LABEL, []) as container:
        yield ours, container


def test_a_command_gets_its_arguments_as_they_are_and_no_shell_sees_them(helper):
    odd = b"caf\xe9 $(id) `id` ; \n'"
    for argument in (b"$(id); 'x'\n", odd):
        ended = run(*helper, [b"printf", b"%s", argument])
        assert (ended.status, ended.output, ended.words) == (0, argument, "")
    ended = run(*helper, [b"ls", b"/gone"])
    assert (ended.status, ended.output) == (1, b"")
    assert "No such file or directory" in ended.words


def test_many_odd_arguments_are_those_of_one_command(helper):
    odd = [b"\xff" * 250 + b"%d" % number for number in range(230)]
    ended = run(*helper, [b"echo", *odd])
    assert (ended.status, ended.output) == (0, b" ".join(odd) + b"\n")


def test_what_is_sent_arrives_whole(helper):
    with command_in(*helper, ["wc", "-c"], takes_input=True) as command:
        assert all(command.send(bytes(1 << 20)) for _ in range(8))
        command.end_of_input()
        assert command.end().output == b"%d\n" % (8 << 20)


def test_one_that_takes_no_more_says_so(helper):
    with command_in(*helper, ["head", "-c", "1"], takes_input=True) as command:
        while command.send(bytes(1 << 20)):
            pass
        assert command.end().output == b"\0"


def test_what_cannot_be_run_or_does_not_get_on_is_said_to(helper):
    with pytest.raises(EngineRefused, match="could not run nonsense"):
        run(*helper, [b"nonsense"])
    with pytest.raises(EngineUnreachable, match="in time"):
        run(*helper, [b"sleep", b"600"], timeout=0.5)


def certificate(folder: Path) -> Path:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    place = folder / "both.pem"
    pem = serialization.Encoding.PEM
    place.write_bytes(key.private_bytes(pem, *plain) + made.public_bytes(pem))
    return place


def test_the_end_of_the_input_is_told_over_tls_too(tmp_path):
    """What the other side still has to say comes after that."""
    listening = socket.create_server(("127.0.0.1", 0))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))

    def serve() -> None:
        plain, _ = listening.accept()
        with context.wrap_socket(plain, server_side=True) as other:
            got = 0
            while piece := other.recv(65536):
                got += len(piece)
            other.sendall(str(got).encode().rjust(300_000))

    thread = threading.Thread(target=serve)
    thread.start()
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with trusting.wrap_socket(socket.create_connection(listening.getsockname())) as ours:
        ours.sendall(bytes(300_000))
        half_close(ours)
        answer = ours.makefile("rb").read()
    thread.join()
    listening.close()
    assert (len(answer), answer.strip()) == (300_000, b"300000")

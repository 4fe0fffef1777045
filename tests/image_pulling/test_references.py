"""What people write to name an image."""

import pytest

from containermonkey.problems import Invalid
from images.references import parse_reference, registry_of

DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("text", "whole", "registry"),
    [
        ("nginx", "nginx:latest", "docker.io"),
        (" nginx:1.27 ", "nginx:1.27", "docker.io"),
        ("who/what", "who/what:latest", "docker.io"),
        ("docker.io/library/nginx", "docker.io/library/nginx:latest", "docker.io"),
        ("index.docker.io/who/what:1", "index.docker.io/who/what:1", "docker.io"),
        ("ghcr.io/who/what/more:v1.2", "ghcr.io/who/what/more:v1.2", "ghcr.io"),
        ("localhost/app", "localhost/app:latest", "localhost"),
        ("registry.lan:5000/app", "registry.lan:5000/app:latest", "registry.lan:5000"),
        ("127.0.0.1:5000/app:1", "127.0.0.1:5000/app:1", "127.0.0.1:5000"),
        (f"nginx@{DIGEST}", f"nginx@{DIGEST}", "docker.io"),
        (f"nginx:1@{DIGEST}", f"nginx:1@{DIGEST}", "docker.io"),
        ("a__b/c-d.e---f", "a__b/c-d.e---f:latest", "docker.io"),
    ],
)
def test_names_are_read_as_docker_reads_them(text, whole, registry):
    reference = parse_reference(text)
    assert (str(reference), reference.registry) == (whole, registry)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "which image"),
        ("Nginx", "capital"),
        ("who/What", "capital"),
        ("https://ghcr.io/who/what", "https://"),
        ("nginx:", "tag"),
        ("nginx:a b", "tag"),
        (f"nginx:{'a' * 129}", "tag"),
        ("nginx@sha256:12", "digest"),
        ("nginx@", "digest"),
        ("../../etc", "registry"),
        ("who//what", "small letters"),
        ("-nginx", "small letters"),
        ("nginx-", "small letters"),
        ("a___b", "small letters"),
        ("nginx latest", "small letters"),
        ("nginx\nnginx", "small letters"),
        ("nginx\0", "small letters"),
        ("ünder", "small letters"),
        ("a" * 64, "id"),
        ("sha256:" + "a" * 64, "id"),
        ("a/" * 130 + "b", "long"),
        ("user:secret@ghcr.io/app", "digest"),
        ("--registry.io/app", "registry"),
    ],
)
def test_what_names_none_says_why(text, words):
    with pytest.raises(Invalid) as caught:
        parse_reference(text)
    assert words in caught.value.fields["reference"]


def test_what_is_no_name_has_no_registry():
    assert registry_of("sha256:" + "a" * 64) is None
    assert registry_of("nginx") == "docker.io"

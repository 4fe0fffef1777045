"""A base for the image where none can be pulled: Debian, as debootstrap makes it.

It is what `debian:13-slim` is, and trusts whom this machine trusts, since packages may come to it
by ways of its own. Debian's keys are in `debian-archive-keyring`, which debootstrap brings.
"""

import shutil
import subprocess
from pathlib import Path

from docker import APIClient

from tests import scratch
from tests.images import import_file

BASE = "debian:made-here"
SUITE, MIRROR = "trixie", "http://deb.debian.org/debian"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")

# Beside Debian's own file, which its package of authorities writes anew.
TRUSTED = Path("/etc/ssl/trusted-where-this-was-made.crt")
TRUST = dict.fromkeys(("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS"), TRUSTED)

# As in Debian's own slim images: what nobody reads there, and no waiting for the disk.
LEFT_OUT = ("doc", "info", "locale", "man")
SETTINGS = {
    "etc/dpkg/dpkg.cfg.d/slim": "".join(f"path-exclude /usr/share/{n}/*\n" for n in LEFT_OUT),
    "etc/dpkg/dpkg.cfg.d/quick": "force-unsafe-io\n",
    "etc/apt/apt.conf.d/no-languages": 'Acquire::Languages "none";\n',
}


def make_base(docker: APIClient, directory: Path) -> str:
    """Make the base on an Engine, by way of a directory that is gone afterwards; its tag."""
    root, packed = directory / "root", directory / "root.tar"
    bootstrap(root)
    slim(root)
    trust_whom_we_trust(root)
    pack(root, packed)
    import_file(docker, BASE, packed, [f"ENV {name}={path}" for name, path in TRUST.items()])
    packed.unlink()
    return BASE


def bootstrap(root: Path) -> None:
    """Have debootstrap unpack and set up the smallest Debian there is."""
    done = subprocess.run(
        ["debootstrap", "--variant=minbase", SUITE, root, MIRROR], capture_output=True, text=True
    )
    assert done.returncode == 0, f"debootstrap failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"


def slim(root: Path) -> None:
    """Leave out what nobody reads in a container, now and with later packages."""
    for name, content in SETTINGS.items():
        (root / name).write_text(content)
    leavings = [root / "usr/share" / name for name in LEFT_OUT]
    leavings += [root / "var/cache/apt/archives", root / "var/lib/apt/lists", root / "var/log"]
    for folder in leavings:
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def trust_whom_we_trust(root: Path) -> None:
    target = root / TRUSTED.relative_to("/")
    target.parent.mkdir(exist_ok=True)
    shutil.copyfile(AUTHORITIES, target)


def pack(root: Path, target: Path) -> None:
    """Make a tar of a root file system, which is gone afterwards."""
    # Devices are the Engine's to make.
    command = ["tar", "--create", f"--file={target}", "--numeric-owner", f"--directory={root}"]
    subprocess.run([*command, "--exclude=./dev/*", "."], check=True)
    scratch.remove_tree(root)

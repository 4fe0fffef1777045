"""The README.txt in every archive: how to bring the container back without this program."""

import csv
import io
import shlex
from collections.abc import Iterable
from typing import Any

from backups.gnutar.command import fill_command as fill_with_tar
from engine.names import shortened

HEAD = """\
This is a backup of the Docker container “{name}”, made by Container Monkey {version}
on {created}.

It is a plain .tar.gz. Container Monkey restores it with one click; this page says how to do it
with tar, gzip and docker alone.

What is in it
-------------
backup/manifest.json     what this archive is, and what is where
backup/container.json    the container as `docker inspect` shows it
backup/networks.json     its networks as `docker network inspect` shows them
backup/compose.yaml      the same container as a compose file
backup/files/*.tsv       lists of the files in each volume
backup/index.json        checksums
volumes/<folder>/        the content of each volume, as plain files
image/                   the image, if it was asked for

Bringing it back by hand
------------------------
Whatever exists under one of these names is left as it is or added to, so look first.
"""

SKIPPED = """
Not in this archive
-------------------
"""

WHOLE = "That way loses user attributes, access control lists, fractions of seconds and holes.\n\
   Where these matter, fill everything once more with GNU tar, in any image that has it"

TAR_IMAGE = "debian:stable"

FILL = "The Engine itself fills them, through a container that is never started; so owners and\n\
   modes come back, whoever you are."


def readme(manifest: dict[str, Any], filename: str) -> str:
    """The text for one archive, with its own names in the commands."""
    text = HEAD.format(
        name=manifest["container"]["name"],
        version=manifest["program"]["version"],
        created=manifest["created"],
    )
    for number, (title, commands) in enumerate(steps(manifest, filename), start=1):
        lines = "\n".join(f"     {command}" for command in commands)
        text += f"\n{number}. {title}:\n\n{lines}\n"
    if manifest["skipped"]:
        text += SKIPPED
    for item in manifest["skipped"]:
        name = shortened(item["name"], 200)
        text += f"{item['destination']} ({item['type']} {name}): {item['reason']}\n"
    return text


def steps(manifest: dict[str, Any], filename: str) -> Iterable[tuple[str, list[str]]]:
    """What to do, in order: a title, and commands for a shell."""
    image, sources = manifest["image"], manifest["sources"]
    volumes = [source for source in sources if source["type"] == "volume"]
    folders = [source for source in sources if source["type"] == "bind" and not source["file"]]
    files = [source for source in sources if source["file"]]
    parts = "backup image" if image["included"] else "backup"
    yield (
        "Take the descriptions out",
        ["mkdir restore", f"tar -xzf {filename} -C restore {parts}", "cd restore"],
    )
    yield image_step(image)
    if volumes:
        yield "Make the volumes as they were", [volume_command(source) for source in volumes]
    if folders:
        yield "Have the folders of the host", [command("mkdir", "-p", f["name"]) for f in folders]
    if volumes or folders:
        yield (
            f"Fill them. {FILL}",
            [
                fill_command([*volumes, *folders], image["reference"]),
                f"gzip -dc ../{filename} | docker cp - fill:/",
                "docker rm fill",
            ],
        )
        yield (WHOLE, [f"gzip -dc ../{filename} | {tar_command([*volumes, *folders])}"])
    if files:
        yield "Put single files back", [file_command(source, filename) for source in files]
    verb = "up -d" if manifest["container"]["running"] else "create"
    yield (
        "Make the container, and its networks, from its compose file",
        [f"docker compose -f backup/compose.yaml {verb}"],
    )


def image_step(image: dict[str, Any]) -> tuple[str, list[str]]:
    """How to have the image: out of the archive, or from where it came."""
    if not image["included"]:
        return "Have the image", [command("docker", "pull", image["reference"])]
    commands = ["tar -C image -c . | docker load"]
    if image["saved_as"] != image["reference"]:
        commands.append(command("docker", "tag", image["saved_as"], image["reference"]))
    return "Load the image", commands


def volume_command(source: dict[str, Any]) -> str:
    """Makes a volume with its driver, options and labels."""
    volume = source["volume"] or {}
    words = ["docker", "volume", "create", "--driver", volume.get("Driver") or "local"]
    for flag, pairs in (("--opt", volume.get("Options")), ("--label", volume.get("Labels"))):
        for key, value in (pairs or {}).items():
            words += [flag, f"{key}={value}"]
    return command(*words, source["name"])


def fill_command(sources: list[dict[str, Any]], image: str) -> str:
    """Makes the container through which volumes and folders are filled."""
    return command("docker", "create", "--name", "fill", *mounts_of(sources), image, "-")


def tar_command(sources: list[dict[str, Any]]) -> str:
    """Fills volumes and folders from a tar that it is sent, with everything about every file."""
    run = ["docker", "run", "--rm", "--interactive", "--network", "none", "--cap-add", "SYS_ADMIN"]
    return command(*run, *mounts_of(sources), TAR_IMAGE, *fill_with_tar(), "volumes")


def mounts_of(sources: list[dict[str, Any]]) -> list[str]:
    """The arguments of `docker` that mount volumes and folders where their files are to go."""
    words = []
    for source in sources:
        fields = [
            f"type={source['type']}",
            f"source={source['name']}",
            f"target=/volumes/{source['key']}",
        ]
        if source["type"] == "volume":
            fields.append("volume-nocopy")
        words += ["--mount", as_csv(fields)]
    return words


def file_command(source: dict[str, Any], filename: str) -> str:
    """Writes a single file of the host; its owner and mode stay those that it has there."""
    return f"tar -xzOf ../{filename} volumes/{source['key']} > {shlex.quote(source['name'])}"


def command(*words: str) -> str:
    """Words as a shell takes them, whatever is in them."""
    return shlex.join(words)


def as_csv(fields: list[str]) -> str:
    """Fields in the form of `docker --mount`, which reads them as a line of CSV."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(fields)
    return line.getvalue()

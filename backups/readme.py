"""The README.txt in every archive: how to bring the container back without this program."""

from typing import Any

HEAD = """\
This is a backup of the Docker container “{name}”, made by Container Monkey {version}
on {created}.

It is a plain .tar.gz. Container Monkey restores it with one click; this page says how to do it
with tar and docker alone.

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
1. Unpack, as root, so that owners and modes come back:

     mkdir restore && tar -xpzf {filename} --numeric-owner -C restore && cd restore
"""

IMAGE = """
{step}. Load the image:

     tar -C image -c . | docker load
"""

VOLUME = """
{step}. Fill the {title} (mounted at {destinations}):

     docker volume create {name}
     docker run --rm -v {name}:/to -v "$PWD/volumes/{key}":/from:ro busybox cp -a /from/. /to/
"""

BIND = """
{step}. Put the folder {name} back (mounted at {destinations}):

     cp -a volumes/{key}/. {name}/
"""

START = """
{step}. Start the container from its compose file:

     docker compose -f backup/compose.yaml up -d
"""

SKIPPED = """
Not in this archive
-------------------
"""


def readme(manifest: dict[str, Any], filename: str) -> str:
    """The text for one archive, with its own names in the commands."""
    text = HEAD.format(
        name=manifest["container"]["name"],
        version=manifest["program"]["version"],
        created=manifest["created"],
        filename=filename,
    )
    step = 2
    if manifest["image"]["included"]:
        text += IMAGE.format(step=step)
        step += 1
    for source in manifest["sources"]:
        template = VOLUME if source["type"] == "volume" else BIND
        text += template.format(
            step=step,
            title="anonymous volume" if source["anonymous"] else f"volume {source['name']}",
            destinations=", ".join(source["destinations"]),
            name=source["name"],
            key=source["key"],
        )
        step += 1
    text += START.format(step=step)
    if manifest["skipped"]:
        text += SKIPPED
        for item in manifest["skipped"]:
            text += f"{item['destination']} ({item['type']} {item['name']}): {item['reason']}\n"
    return text

"""The README.txt in the archive of a volume: how to bring it back without this program."""

from typing import Any

from backups.readme import FILL, WHOLE, command, fill_command, tar_command, volume_command

TEXT = """\
This is a backup of the Docker volume “{name}”, made by Container Monkey {version}
on {created}.

It is a plain .tar.gz. Container Monkey restores it with one click; this page says how to do it
with tar, gzip and docker alone.

What is in it
-------------
backup/manifest.json     what this archive is
backup/files/*.tsv       the list of the files
backup/index.json        checksums
volumes/{key}/           the content of the volume, as plain files

Bringing it back by hand
------------------------
Whatever exists under this name is left as it is or added to, so look first.

1. Make the volume as it was:

     {create}

2. Fill it, with any image that the host has in the place of {image}.
   {fill}:

     {make}
     gzip -dc {filename} | docker cp - fill:/
     docker rm fill

3. {whole}:

     gzip -dc {filename} | {tar}

These containers used it:
{containers}
"""

IMAGE = "debian:stable"


def readme(manifest: dict[str, Any], filename: str) -> str:
    """The text for one archive, with the commands for just its volume."""
    source, containers = manifest["sources"][0], manifest["volume"]["containers"]
    return TEXT.format(
        name=source["name"],
        version=manifest["program"]["version"],
        created=manifest["created"],
        key=source["key"],
        create=volume_command(source),
        image=IMAGE,
        fill=FILL.rstrip("."),
        make=fill_command([source], IMAGE),
        filename=command(filename),
        whole=WHOLE,
        tar=tar_command([source]),
        containers="\n".join(f"     {name}" for name in containers) or "     none",
    )

"""The command lines of GNU tar, as argument lists.

Wherever it runs, what it works on lies at `/volumes/<key>`, so that the archive's names come out,
and no name that somebody chose stands on the command line.
"""

PROGRAM = "tar"

ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/local/bin:/usr/bin:/bin"}
"""Messages in the words that `messages` knows; names are bytes, whatever they are."""

RECORD = ["--blocking-factor=128"]
"""Records of 64 KiB: few calls move many bytes, and little is added at the end of a small tar."""

EVERYTHING = ["--numeric-owner", "--xattrs", "--xattrs-include=*", "--acls", "--sparse"]

# Access and change times would make every header twice as long, and a restore cannot set the one
# and would only spoil the other. Process ids have no place in an archive.
PAX = "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime"

# What these say is the policy of a host, which the one that is restored to has of its own.
OF_THE_HOST = ("security.selinux", "security.ima", "security.evm", "security.apparmor")


def save_command(key: str, target: str = "-") -> list[str]:
    """Writes the tar of `/volumes/<key>` to a file, or to its output."""
    return [
        *[PROGRAM, "--create", f"--file={target}", "--force-local", *RECORD],
        # By name, so that a folder of the backup is listed in an order that people can follow.
        *["--format=posix", PAX, *EVERYTHING, "--sort=name"],
        *["--directory=/", "--", f"volumes/{key}"],
    ]


def fill_command(source: str = "-") -> list[str]:
    """Unpacks a tar of `volumes/<key>/…` from a file, or from its input.

    A directory gets its owner, mode and time when nothing will be put into it any more.
    """
    return [
        *[PROGRAM, "--extract", f"--file={source}", "--force-local", *RECORD],
        *[*EVERYTHING, *(f"--xattrs-exclude={name}" for name in OF_THE_HOST)],
        *["--same-owner", "--same-permissions", "--delay-directory-restore"],
        "--warning=no-timestamp",  # files are as old, or as new, as they were
        "--directory=/",
    ]


def empty_command(target: str = "-") -> list[str]:
    """Writes the tar of nothing, and gets through wherever `save_command` would.

    Another tar than GNU's, or one built without ACLs or xattrs, refuses or complains.
    """
    return [
        *[PROGRAM, "--create", f"--file={target}", "--force-local", *RECORD],
        *["--format=posix", PAX, *EVERYTHING, "--files-from=/dev/null"],
    ]

"""The files with the keys of an installation, which are made at its first start."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from containermonkey import env

SHORTEST = 50


def unusable(path: Path, error: OSError) -> env.WrongSetting:
    return env.WrongSetting(f"CONTAINERMONKEY_DATA: {path} cannot be used: {error.strerror}.")


def new_key() -> str:
    return secrets.token_urlsafe(64)


def key_in(path: Path, *, formerly: Path | None = None) -> str:
    """What is in a file of keys, made at the first start and never shipped.

    Where only the file of its former name is there, that is taken. Raise WrongSetting where it
    cannot be read or holds no key.
    """
    if formerly and not path.exists():
        with suppress(FileNotFoundError):
            formerly.rename(path)
    try:
        with open_new(path) as file:
            file.write(new_key())
    except FileExistsError:
        pass
    except OSError as error:
        raise unusable(path, error) from None
    try:
        text = path.read_text(errors="replace").strip()
    except OSError as error:
        raise unusable(path, error) from None
    if min((len(key) for key in text.split()), default=0) < SHORTEST:
        raise env.WrongSetting(
            f"CONTAINERMONKEY_DATA: {path} does not hold a key; remove it to have one made."
        )
    return text


def write_keys(path: Path, keys: list[str]) -> None:
    """Have a file hold these keys, one a line: all of them or what it held, whatever happens."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    with open_new(partial) as file:
        file.write("\n".join(keys) + "\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def open_new(path: Path) -> TextIO:
    """A file that is there for nobody else. Raise FileExistsError where there is one."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w")

"""What is backed up: four volumes of about the same size, of very different kinds."""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

MIB = 1 << 20
SMALL_FILES = 50_000
WORDS = 4000
POOL = 16 * MIB


def random_file(root: Path, size: int) -> None:
    """One file that cannot be compressed."""
    with (root / "random").open("wb") as file:
        for _ in range(size // MIB):
            file.write(os.urandom(MIB))


def text_file(root: Path, size: int) -> None:
    """One file like a log: words, numbers, lines."""
    pieces = text_pieces(random.Random(1))
    with (root / "text").open("wb") as file:
        for _ in range(size // MIB):
            file.write(next(pieces)(MIB))


def small_files(root: Path, size: int) -> None:
    """50,000 files of a few hundred bytes to a few kilobytes, in 500 folders."""
    chance = random.Random(2)
    pieces = text_pieces(chance)
    for number in range(min(SMALL_FILES, max(1, SMALL_FILES * size // (1024 * MIB)))):
        folder = root / f"{number % 500:03}"
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.txt").write_bytes(next(pieces)(chance.randint(100, 8000)))


def mixed_tree(root: Path, size: int) -> None:
    """Files from 1 KiB to 16 MiB; of the bytes about 70 % text, 25 % random and 5 % zeros."""
    chance = random.Random(3)
    pieces = text_pieces(chance)
    left, number = size, 0
    while left > 0:
        length = min(left, int(2 ** chance.uniform(10, 24)))
        kind = chance.random()
        if kind < 0.70:
            content = next(pieces)(length)
        elif kind < 0.95:
            content = chance.randbytes(length)
        else:
            content = bytes(length)
        folder = root / f"{number % 40:02}" / f"{number % 7}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.dat").write_bytes(content)
        left, number = left - length, number + 1


def text_pieces(chance: random.Random) -> Iterator[Callable[[int], bytes]]:
    """Gives functions that cut a piece of some length out of a pool of text-like lines."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 11))) for _ in range(WORDS)]
    lines, total = [], 0
    while total < POOL:
        line = f"{chance.randint(0, 10**9)} {' '.join(chance.choices(words, k=9))}\n".encode()
        lines.append(line)
        total += len(line)
    pool = b"".join(lines)

    def cut(length: int) -> bytes:
        at = chance.randrange(max(1, len(pool) - length))
        return (pool[at : at + length] * (1 + length // len(pool)))[:length]

    while True:
        yield cut


DATASETS: dict[str, Callable[[Path, int], None]] = {
    "random file": random_file,
    "text file": text_file,
    "small files": small_files,
    "mixed tree": mixed_tree,
}

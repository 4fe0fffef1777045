"""Looking into a volume that only the Engine's archive calls reach."""

from dataclasses import dataclass

from containermonkey.downloads import Content
from volumes.files.paths import spelled
from volumes.files.problems import not_a_file, not_a_folder
from volumes.files.remote import Spot, content_at, find, mounted, names_in, packed, pieces_of
from volumes.files.types import MOST_SHOWN, PAGE_SIZE, Beginning, Folder, saved_as
from volumes.types import VolumeDetails


@dataclass(frozen=True)
class ByEngine:
    """The files of a volume as the Engine sends them (`volumes.files.places.Place`)."""

    volume: VolumeDetails

    def explore(self, path: str, page: int) -> Folder:
        """Told as far as the Engine tells it in some seconds."""
        with mounted(self.volume) as remote:
            spot = find(remote, path)
            if not spot.is_folder:
                raise not_a_folder(spot.path)
            entries, complete = names_in(remote, spot)
        return Folder(
            path="/" + spelled(path),
            entries=entries[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
            total=len(entries),
            complete=complete,
            can_change=False,
        )

    def beginning_of(self, path: str) -> Beginning:
        with mounted(self.volume) as remote:
            file = find(remote, path)
            refuse_no_file(file)
            content = b"".join(content_at(remote, file, min(file.size, MOST_SHOWN)))
        return Beginning.of("/" + spelled(path), file.size, content)

    def content_of(self, path: str) -> Content:
        with mounted(self.volume) as remote:
            spot = find(remote, path)
        name = saved_as(path.rpartition("/")[2] or self.volume.name)
        if spot.is_folder:
            return Content(f"{name}.tar.gz", None, lambda: packed(self.volume, spot))
        refuse_no_file(spot)
        return Content(name, spot.size, lambda: pieces_of(self.volume, spot))


def refuse_no_file(spot: Spot) -> None:
    if not spot.is_file:
        raise not_a_file(spot.path)

"""What can go wrong with containers besides what the Engine says."""

from collections.abc import Sequence

from containermonkey.problems import Problem


class DidNotStart(Problem):
    """A container was started and is not up: it ended with an error, or is not healthy."""

    status, code = 409, "did_not_start"

    def __init__(self, message: str, last_lines: Sequence[str] = ()) -> None:
        """`last_lines` are the last that the container wrote, without its variables' values."""
        super().__init__(message)
        self.last_lines = list(last_lines)

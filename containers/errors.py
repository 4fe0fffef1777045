"""What can go wrong with containers besides what the Engine says."""

from containermonkey.problems import Problem


class DidNotStart(Problem):
    """A container was started and is not up: it ended with an error, or is not healthy."""

    status, code = 409, "did_not_start"

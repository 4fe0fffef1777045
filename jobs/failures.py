"""What went wrong and is no problem that says so itself, in a sentence for people."""

import errno

from containermonkey.database import problem_of


def sentence_of(failure: OSError) -> str:
    """A failure of the operating system, for people; without a path of the server."""
    if failure.errno == errno.ENOSPC:
        return "There is no space left on the disk that holds the backups."
    return f"The operating system refused: {failure.strerror or type(failure).__name__}."


def sentence_of_fault(failure: Exception) -> str:
    """What nobody has foreseen, for people: a fault of the database, or one of ours."""
    problem = problem_of(failure)
    return str(problem) if problem else "A defect in the program; see the server's log."

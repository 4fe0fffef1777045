"""The signals of Linux, by the names and numbers under which people know them."""

import signal

from containermonkey.problems import Invalid

KILL = "SIGKILL"

REAL_TIME = range(int(signal.SIGRTMIN), int(signal.SIGRTMAX) + 1)

COMMON = {
    "SIGTERM": "ends it in good order",
    "SIGKILL": "ends it at once",
    "SIGINT": "as Ctrl-C does",
    "SIGHUP": "often: read the configuration again",
    "SIGQUIT": "ends it, with a core dump",
    "SIGUSR1": "whatever the program makes of it",
    "SIGUSR2": "whatever the program makes of it",
}
"""Those that people send to containers, with what they do."""


def named(text: str) -> str:
    """The signal as the Engine takes it: `SIGHUP` of `HUP`, `sighup` or `SIGHUP`, or a number.

    Raise Invalid for a signal that there is not.
    """
    word = text.strip().upper()
    if word.isascii() and word.isdigit() and word.strip("0") and len(word) <= 3:
        number = int(word)
        if number in REAL_TIME:
            return word
        if number in {int(each) for each in signal.Signals}:
            return signal.Signals(number).name
    name = word if word.startswith("SIG") else f"SIG{word}"
    if name in signal.Signals.__members__:
        return name
    reason = "must be a signal of Linux, such as SIGTERM, HUP or 9"
    raise Invalid(f"The signal {reason}.", fields={"signal": reason})

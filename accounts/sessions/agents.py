"""What a browser says of itself, in a few words."""

BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "Chrome/": "Chrome",
    "CriOS/": "Chrome",
    "Safari/": "Safari",
}
"""Parts of the header and names; each also says what those after it say."""

SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def words_of(agent: str) -> str:
    """`Firefox on Linux`; the first word of what is no browser; never empty."""
    browser = first(BROWSERS, agent)
    if not browser:
        return agent.split(" ")[0][:60] or "Unknown program"
    system = first(SYSTEMS, agent)
    return f"{browser} on {system}" if system else browser


def first(names: dict[str, str], agent: str) -> str:
    return next((name for part, name in names.items() if part in agent), "")

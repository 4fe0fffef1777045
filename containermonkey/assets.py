"""Takes the few third-party files that the pages need out of node_modules.

They land in static/vendor/, which git ignores: the scripts and fonts as they are, but without
source-map lines, and one SVG sprite of the icons that templates and Python code name.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import ninja

from containermonkey.inlined import taken_apart

FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "hx-ws.min.js": "htmx.org/dist/ext/hx-ws.min.js",
    "xterm.mjs": "@xterm/xterm/lib/xterm.mjs",
    "xterm.css": "@xterm/xterm/css/xterm.css",
    "xterm-fit.mjs": "@xterm/addon-fit/lib/addon-fit.mjs",
    "xterm-search.mjs": "@xterm/addon-search/lib/addon-search.mjs",
    "xterm-web-links.mjs": "@xterm/addon-web-links/lib/addon-web-links.mjs",
    "inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter-latin-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
}
LICENCES = (
    *("htmx.org", "@fontsource-variable/inter", "@phosphor-icons/core"),
    *("@xterm/xterm", "@xterm/addon-fit", "@xterm/addon-search", "@xterm/addon-web-links"),
)
ICONS = "@phosphor-icons/core/assets"
WEIGHTS = ("fill", "bold")

SOURCE_MAP_LINE = re.compile(rb"^\s*(//|/\*)[#@]\s*sourceMappingURL=.*$\n?", re.MULTILINE)
# {% icon "cube" %}, {% icon_button "cube" … %}, and icon="cube" as an argument, in Python too.
ICON_TAG = re.compile(r"""\{%\s*icon(?:_button)?\s+["']([^"']+)["']""")
ICON_ARGUMENT = re.compile(r"""(?:\b|_)icon=["']([^"'{}]*)["']""")
SVG = re.compile(r"<svg[^>]*?viewBox=\"(?P<box>[^\"]+)\"[^>]*>(?P<shapes>.*)</svg>", re.DOTALL)
SKIPPED_FOLDERS = {"node_modules", "tests", "build", "static", "data", "bench"}


class AssetError(Exception):
    """A file or an icon that is asked for is not there; the message says which."""


@dataclass(frozen=True)
class Built:
    icons: int
    written: list[Path]
    removed: list[Path]


def build(root: Path) -> Built:
    """Bring `root`/static/vendor to what it should hold; only files that differ are written.

    Raise AssetError for a missing package, a missing file or an icon that Phosphor does not have.
    """
    packages = root / "node_modules"
    if not packages.is_dir():
        raise AssetError("node_modules is missing: run `npm ci --ignore-scripts` first.")
    icons = icons_named(root)
    contents = {name: without_source_map(read(packages / path)) for name, path in FILES.items()}
    contents["icons.svg"] = sprite(packages / ICONS, icons)
    contents["LICENCES.txt"] = licences(packages)
    contents |= docs_style()
    target = root / "static" / "vendor"
    target.mkdir(parents=True, exist_ok=True)
    written = [target / name for name, body in contents.items() if write(target / name, body)]
    removed = [path for path in sorted(target.glob("[!.]*")) if path.name not in contents]
    for path in removed:
        path.unlink()
    return Built(len(icons), written, removed)


def docs_style() -> dict[str, bytes]:
    """The style sheet of the API's docs page, and the pictures that are written into it."""
    source = Path(ninja.__file__).parent / "static" / "ninja" / "swagger-ui.css"
    style, pictures = taken_apart(source.read_text(encoding="utf-8"), "swagger-ui")
    return {"swagger-ui.css": without_source_map(style.encode()), **pictures}


def icons_named(root: Path) -> dict[str, Path]:
    """Every icon that the templates and the Python code below `root` name, and where."""
    named: dict[str, Path] = {}
    for path in sources(root):
        text = path.read_text(encoding="utf-8")
        for name in ICON_TAG.findall(text) + ICON_ARGUMENT.findall(text):
            if name:
                named.setdefault(name, path.relative_to(root))
    return dict(sorted(named.items()))


def sources(root: Path) -> Iterable[Path]:
    yield from sorted((root / "templates").rglob("*.html"))
    for folder in sorted(root.iterdir()):
        hidden = folder.name.startswith(".") or folder.name in SKIPPED_FOLDERS
        if folder.is_dir() and not hidden:
            yield from sorted(folder.rglob("*.py"))


def sprite(folder: Path, icons: dict[str, Path]) -> bytes:
    """One SVG with a symbol `i-<name>` for each icon."""
    symbols = "".join(symbol(folder, name, where) for name, where in icons.items())
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'.encode()


def symbol(folder: Path, name: str, where: Path) -> str:
    weight = next((weight for weight in WEIGHTS if name.endswith(f"-{weight}")), "regular")
    path = folder / weight / f"{name}.svg"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not path.is_file():
        raise AssetError(f"{where} names the icon {name!r}, which Phosphor does not have.")
    drawing = SVG.search(path.read_text(encoding="utf-8"))
    if drawing is None:
        raise AssetError(f"The icon {name!r} is not drawn as expected.")
    return f'<symbol id="i-{name}" viewBox="{drawing["box"]}">{drawing["shapes"]}</symbol>'


def licences(packages: Path) -> bytes:
    """The licences of what is served, which have to go along with it."""
    parts = [f"{name}\n\n".encode() + read(packages / name / "LICENSE") for name in LICENCES]
    return b"\n\n----\n\n".join(parts)


def without_source_map(content: bytes) -> bytes:
    """The same without the line that makes browsers ask for a map that is not served."""
    return SOURCE_MAP_LINE.sub(b"", content) if b"sourceMappingURL=" in content else content


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        inside = "/".join(path.parts[path.parts.index("node_modules") :])
        raise AssetError(f"{inside} is missing: run `npm ci --ignore-scripts` again.") from None


def write(path: Path, content: bytes) -> bool:
    if path.is_file() and path.read_bytes() == content:
        return False
    path.write_bytes(content)
    return True

"""Writing a compose file so that every reader of YAML reads what was meant."""

import re
from typing import Any

import yaml

HARMLESS = re.compile(r"(?![yYnN]$)[A-Za-z/][A-Za-z0-9_./-]*", re.ASCII)


class Dumper(yaml.SafeDumper):
    """Writes strings in quotes unless no version of YAML could take them for anything else.

    PyYAML speaks YAML 1.1 and compose 1.2, which differ in what looks like a number.
    """

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style = None if HARMLESS.fullmatch(text) else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


Dumper.add_representer(str, Dumper.represent_text)


def dump(document: dict[str, Any]) -> str:
    """A document as YAML, in which `$` stands for itself and not for a variable."""
    return yaml.dump(
        escaped(document), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10_000
    )


def escaped(value: Any) -> Any:
    """A value with every `$` doubled, as compose wants it; it replaces variables in values only."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {key: escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [escaped(item) for item in value]
    return value

"""Text as every database takes it: without zero bytes, which PostgreSQL refuses, for one."""

from typing import Any, TypeVar

from django.db.models import CharField, JSONField, Model, TextField

Row = TypeVar("Row", bound=Model)


def storable(text: str) -> str:
    """The text, with what no database stores (zero bytes, halves of characters) spelled out.

    It comes from callers, containers, files and the Engine; and what cannot be written down must
    not keep a job from ending, or an act from its line in the audit trail.
    """
    return text.replace("\0", "\\x00").encode(errors="backslashreplace").decode()


def storable_json(value: Any) -> Any:
    """The same for all text in what becomes JSON; an object's keys are text already."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): storable_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(each) for each in value]
    return value


def fitted(row: Row) -> Row:
    """A row that is about to be written, its texts storable and cut to what their columns hold.

    SQLite takes text of any length. What is in an archive may have been written by anybody.
    """
    for field in row._meta.concrete_fields:
        value = row.__dict__.get(field.attname)  # what was not read is not written either
        if isinstance(field, CharField | TextField) and isinstance(value, str):
            setattr(row, field.attname, storable(value)[: field.max_length])
        elif isinstance(field, JSONField) and value is not None:
            setattr(row, field.attname, storable_json(value))
    return row

"""All settings as a commented TOML file, made of the dataclasses that hold them and their docstrings."""

import ast
import dataclasses
import inspect
import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from tasks.marks import MARKS_FILE

WIDTH = 100
"""Characters of a comment line."""

FILES = {"marks": MARKS_FILE}
"""Settings that name a file by default."""


def describe_settings(settings: object, given: Mapping[str, Any], place: str) -> str:
    """Every setting with its value, what it means, and where the value comes from; valid TOML.

    Args:
        settings: a dataclass, whose fields may be dataclasses: they become tables.
        given: what was set, as TOML gives it; all else is a default.
        place: where it was set.
    """
    return "\n".join(_describe(settings, given, place, ())).strip() + "\n"


def _describe(options: Any, given: Mapping[str, Any], place: str, path: tuple[str, ...]) -> Iterator[str]:  # noqa: ANN401
    meanings = read_meanings(type(options))
    values = {field.name: getattr(options, field.name) for field in dataclasses.fields(options)}
    tables = {
        name: value
        for name, value in values.items()
        if dataclasses.is_dataclass(value) or isinstance(value, Mapping)
    }
    if path:
        yield from ("", f"[{'.'.join(path)}]")
    for name in (name for name in values if name not in tables):
        yield from write_comment(meanings.get(name, ""))
        # What names a file is printed as that name, not as what lies in it.
        shown = given[name] if isinstance(given.get(name), str) else FILES.get(name, values[name])
        yield f"{name} = {write_value(shown)}  # {place if name in given else 'default'}"
    for name, value in tables.items():
        inner = given.get(name, {})
        if isinstance(value, Mapping):
            yield from ("", *write_comment(meanings.get(name, "")), f"[{'.'.join((*path, name))}]")
            yield from (f"{key} = {write_value(item)}  # {place}" for key, item in value.items())
        else:
            yield from _describe(value, inner if isinstance(inner, Mapping) else {}, place, (*path, name))


def read_meanings(options: type) -> dict[str, str]:
    """What each field means: from the docstring of the class, or the string below the field."""
    found = {}
    section = re.search(
        r"^(?:Args|Attributes):\n(.*?)(?=^\S|\Z)", inspect.getdoc(options) or "", re.MULTILINE | re.DOTALL
    )
    for entry in re.split(r"\n(?=\w)", textwrap.dedent(section[1])) if section else ():
        name, colon, meaning = entry.partition(":")
        if colon:
            found[name.strip()] = " ".join(meaning.split())
    body = ast.parse(textwrap.dedent(inspect.getsource(options))).body[0]
    assert isinstance(body, ast.ClassDef)
    for field, below in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
        ):
            found[field.target.id] = str(ast.literal_eval(below.value))
    return found


def write_comment(meaning: str) -> list[str]:
    """A meaning as comment lines."""
    return [f"# {line}" for line in textwrap.wrap(meaning[:1].upper() + meaning[1:], WIDTH - 2)]


def write_value(value: object) -> str:
    """A value as TOML has it, which is what JSON has for texts, numbers, Booleans and lists of them.

    >>> write_value(("a", "b")), write_value(0.5), write_value(True)
    ('["a", "b"]', '0.5', 'true')
    """
    return json.dumps(value, ensure_ascii=False)

"""Files and options to one frozen object of settings."""

import difflib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from tasks.errors import SettingsError
from tasks.job import Settings
from tasks.marks import MARKS_FILE, Mark, read_marks
from tasks.schemas import REASONS
from tasks.strip import StripOptions

DEFAULT_FILE = Path("decant.toml")


def load_settings(file: Path | None) -> Settings:
    """The settings of a configuration file.

    Args:
        file: a TOML file; `decant.toml` here if there is one, else the defaults, when None.

    Raises:
        SettingsError: the file cannot be read, or holds an unknown key or a value of the wrong kind.
    """
    given, file = _read_given(file)
    return parse_settings(given, str(file), file.parent)


def locate_marks(file: Path | None) -> Path:
    """The file of marks that a configuration names, from its own folder on.

    Raises:
        SettingsError: as `load_settings`.
    """
    given, file = _read_given(file)
    return file.parent / _name_marks(given, str(file))


def _name_marks(given: dict[str, Any], place: str) -> str:
    name = given.get("marks", MARKS_FILE)
    if not isinstance(name, str) or not name:
        raise SettingsError(f"{place}: marks is wrong: it holds {name!r}, and must name a file in quotes.")
    return name


def _read_marks(given: dict[str, Any], place: str, folder: Path) -> tuple[Mark, ...]:
    """The marks of the file that the settings name; only the file that is looked for anyway may be missing."""
    name = _name_marks(given, place)
    if name != MARKS_FILE and not (folder / name).exists():
        raise SettingsError(
            f"{place}: marks names {folder / name}, which is not there, and without it no mark would be heard. Mend the "
            "name, or make the file: `decant mark` does, and an empty file holds no marks."
        )
    return read_marks(folder / name)


def _read_given(file: Path | None) -> tuple[dict[str, Any], Path]:
    if file is None and not DEFAULT_FILE.exists():
        return {}, DEFAULT_FILE
    file = file or DEFAULT_FILE
    return read_toml(file), file


def parse_settings(given: dict[str, Any], place: str, folder: Path = Path()) -> Settings:
    """Settings of a table as TOML gives it.

    Args:
        given: the table.
        place: named in messages.
        folder: where the files that it names lie.

    Raises:
        SettingsError: as `load_settings`.
    """
    _check_keys(given, describe_keys(), place)
    _check_reasons(given.get("policy", {}), place)
    given = given | {"strip": _read_rules(given.get("strip", {}), folder)}
    marks = _read_marks(given, place, folder)
    try:
        settings = TypeAdapter(Settings).validate_python(given | {"marks": marks})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise SettingsError(
            f"{place}: {key} is wrong: it holds {first['input']!r}, and {explain_type(first)}."
        ) from error
    if settings.strip.off:
        _check_off(settings.strip, place)
    return settings


WANTED = {
    "int": "must be a whole number",
    "float": "must be a number",
    "bool": "must be true or false",
    "string": "must be a text in quotes",
    "tuple": 'must be a list, such as ["a", "b"]',
    "list": 'must be a list, such as ["a", "b"]',
    "dict": "must be a table",
    "mapping": "must be a table",
    "dataclass": "must be a table",
    "missing": "must not be left out",
}
"""What a value should have been, by the first word of pydantic's name for the error."""


def explain_type(error: ErrorDetails) -> str:
    """What is wrong with a value, in words for whoever wrote it."""
    kind = error["type"]
    if kind == "literal_error":
        return f"must be one of {error['ctx']['expected']}"
    if kind == "value_error":
        return str(error["ctx"]["error"]).rstrip(".")
    return WANTED.get(kind.split("_", 1)[0], error["msg"][0].lower() + error["msg"][1:])


def _read_rules(strip: object, folder: Path) -> object:
    """The options of strip with the packs of the folder that they name."""
    if not isinstance(strip, dict) or not isinstance(strip.get("rules"), str):
        return strip
    from tasks.strip.own_packs import read_packs  # noqa: PLC0415 - few have packs of their own

    return (
        strip | {"rules": read_packs(folder / strip["rules"])} if strip["rules"] else {**strip, "rules": ()}
    )


def read_toml(file: Path) -> dict[str, Any]:
    """A TOML file as tables.

    Raises:
        SettingsError: it cannot be read, or is none.
    """
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(
            f"The configuration {file} cannot be read ({error.strerror}). Check --config."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is no valid TOML: {error}.") from error


def describe_keys() -> dict[str, Any]:
    """Every key that a configuration may have; None for a value, a table for a table."""
    return _list_fields(Settings())


def _list_fields(options: object) -> dict[str, Any]:
    fields = getattr(options, "__dataclass_fields__", {})
    return {
        name: _list_fields(value)
        if hasattr(value := getattr(options, name), "__dataclass_fields__")
        else None
        for name in fields
    }


def _check_keys(given: dict[str, Any], known: dict[str, Any], place: str) -> None:
    for path, name, siblings in _walk_unknown(given, known, ()):
        close = difflib.get_close_matches(name, siblings, 1)
        hint = f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join(sorted(siblings))}."
        raise SettingsError(f"{place}: there is no setting {'.'.join((*path, name))!r}. {hint}")


def _walk_unknown(
    given: dict[str, Any], known: dict[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str, list[str]]]:
    """Unknown keys, each with its path and what could stand there."""
    for name, value in given.items():
        if name not in known:
            yield path, name, list(known)
        elif known[name] is not None and isinstance(value, dict):
            yield from _walk_unknown(value, known[name], (*path, name))


def _check_reasons(policy: object, place: str) -> None:
    for name in policy if isinstance(policy, dict) else ():
        if name not in REASONS:
            close = difflib.get_close_matches(name, REASONS, 1)
            hint = f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join(REASONS)}."
            raise SettingsError(f"{place}: policy names the reason {name!r}, which there is not. {hint}")


def _check_off(strip: StripOptions, place: str) -> None:
    from tasks.strip.own_packs import list_rules  # noqa: PLC0415 - few silence rules

    known = list_rules(strip.rules)
    for name in strip.off:
        if name not in known:
            close = difflib.get_close_matches(name, known, 3)
            hint = (
                f"Did you mean {' or '.join(map(repr, close))}?"
                if close
                else "The ledger names them: decant explain."
            )
            raise SettingsError(f"{place}: strip.off names the rule {name!r}, which there is not. {hint}")

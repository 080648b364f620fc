"""Pydantic's errors as sentences about the TOML file."""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAliasType, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from mitmodels.cases.config.quantity import Quantity
from mitmodels.errors import InputError

type Location = tuple[int | str, ...]

_SHOWN = 60  # characters of a wrong value that a sentence repeats
_LISTED = 30  # names that a sentence lists

_SHAPES = {
    "model_type": "should be a table",
    "model_attributes_type": "should be a table",
    "dict_type": "should be a table",
    "tuple_type": "should be a list",
    "list_type": "should be a list",
    "too_short": "has too few entries: add one",
    "too_long": "has too many entries: leave some out",
    "recursion_loop": "should not contain itself",
}


def dotted(location: Location) -> str:
    """``geometry.width`` or ``protocol.0.to``: a key as ``--set`` takes it."""
    parts = (str(part) for part in location)
    return ".".join(part if re.fullmatch(r"[\w-]+", part) else json.dumps(part) for part in parts)


def sentence(
    model: type[BaseModel], data: dict[str, Any], error: ErrorDetails
) -> tuple[Location, str]:
    """Say what is wrong at which key.

    Parameters
    ----------
    model
        What the data were checked against.
    data
        The parsed file.
    error
        One error of the check.

    Returns
    -------
    tuple of Location and str
        Where, and ``key = value predicate`` without the file.
    """
    kind, context = error["type"], error.get("ctx", {})
    location, value = _in_file(data, error)
    predicate = _SHAPES.get(kind) or error["msg"]
    if kind == "union_tag_not_found":
        location, kind = (*location, context["discriminator"].strip("'")), "missing"
    if kind == "union_tag_invalid":
        location, value = (*location, context["discriminator"].strip("'")), context["tag"]
        predicate = f"should be one of {context['expected_tags']}"
    if kind == "missing":
        return location, f"{dotted(location)} is missing: add it"
    if kind == "extra_forbidden":
        predicate = _unknown(model, location)
    if kind == "value_error":  # a sentence of a section about its own values
        message = predicate.removeprefix("Value error, ")
        return location, f"{dotted(location)}: {message}" if location else message
    return location, f"{dotted(location)} = {shown(value)} {predicate.removeprefix('Input ')}"


def _in_file(data: Any, error: ErrorDetails) -> tuple[Location, Any]:
    """Location and value in the file, without what pydantic adds, such as tags of a union."""
    location: list[int | str] = []
    for part in error["loc"]:
        if isinstance(data, dict) and part in data:
            data = data[str(part)]
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        elif error["type"] != "missing" or part != error["loc"][-1]:
            continue
        location.append(part)
    return tuple(location), data


def shown(value: Any) -> str:
    """Show a wrong value, shortened, as TOML would."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except ValueError:  # an integer of thousands of digits
        return "a very long number"
    return shortened(text)


def shortened(text: str) -> str:
    """Return as much of a text as a sentence repeats."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def as_lines(warnings: Sequence[str]) -> dict[str, str]:
    """Warnings as what a check says, ``warning: ...`` on a line for each."""
    return {"warning": "\nwarning: ".join(warnings)} if warnings else {}


def known(name: Any, names: Iterable[str], subject: str) -> str:
    """Return a name if it is one of the known ones.

    Raises
    ------
    InputError
        If it is not; the sentence begins with the subject.
    """
    if name is None:
        raise InputError(f"{subject} is missing: add one of {_some(sorted(names))}")
    if name in (choice := sorted(names)):
        return str(name)
    close = difflib.get_close_matches(str(name), choice, n=1)
    remedy = f"did you mean {close[0]}?" if close else f"use one of {_some(choice)}"
    raise InputError(f"{subject} = {shown(name)} is not known: {remedy}")


def _some(names: Sequence[str]) -> str:
    """Name as many as a sentence can hold."""
    few = ", ".join(names[:_LISTED])
    return few if len(names) <= _LISTED else f"{few} and {len(names) - _LISTED} others"


def _unknown(model: type[BaseModel], location: Location) -> str:
    *parents, key = (str(part) for part in location if isinstance(part, str))
    names = sorted(set(_paths(model, ())))
    parent = tuple(dict.fromkeys(parents))  # a section inside itself has the same keys
    here = [path[-1] for path in names if path[:-1] == parent]
    if key in here:
        return f"is a key of another kind of {dotted(parent)}: remove it"
    close = difflib.get_close_matches(key, here, n=1)
    if close:
        return f"is not a known key: did you mean {close[0]}?"
    elsewhere = [path for path in names if path[-1] == key]
    if elsewhere:
        return f"is not a known key here: did you mean {dotted(elsewhere[0])}?"
    return f"is not a known key: remove it or use one of {', '.join(here)}"


def _paths(model: type[BaseModel], prefix: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield every key of a model and of its sections; a section inside itself once."""
    for name, field in model.model_fields.items():
        path = (*prefix, name)
        yield path
        for kind in classes(field.annotation):
            if issubclass(kind, Quantity):
                yield from ((*path, key) for key in ("value", "source", "status"))
            elif issubclass(kind, BaseModel) and name not in prefix:
                yield from _paths(kind, path)


def kinds_of(annotation: Any, tag: str) -> dict[str, type[BaseModel]]:
    """Return the models of a union by the values of the key that tells them apart."""
    return {
        name: kind
        for kind in classes(annotation)
        if issubclass(kind, BaseModel)
        for name in get_args(kind.model_fields[tag].annotation)
    }


def classes(annotation: Any) -> Iterator[type]:
    """Yield the classes inside an annotation."""
    if isinstance(annotation, TypeAliasType):
        annotation = annotation.__value__
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for argument in get_args(annotation):
        yield from classes(argument)

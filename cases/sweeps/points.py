"""``[sweep]`` in the TOML file: the points of a parameter study.

.. code-block:: toml

   [sweep]                                   # every combination of
   ambient.temperature = ["60 K", "80 K"]    # a list
   film.hot = { from = "4e-5 ohm m", to = "6e-5 ohm m", points = 5, spacing = "log" }

   [[sweep.zip]]                             # and, changed together,
   geometry.length = ["50 um", "100 um"]
   geometry.width = ["25 um", "50 um"]

   [sweep.one_at_a_time]                     # and nothing of this, or one of it
   contact.resistance_width = ["5 kohm um", "20 kohm um"]
   pads.thickness = ["30 nm"]

or, in place of all that, ``sample`` and distributions (`mitmodels.cases.sweeps.sampling`). Keys are
those of the file itself; items of a list have numbers, as in ``protocol.0.to``.
"""

import copy
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from mitmodels.cases.config.document import Document
from mitmodels.cases.config.layers import put
from mitmodels.cases.sweeps.sampling import (
    DISTRIBUTION,
    Sample,
    draw,
    is_distribution,
    read_distribution,
    read_sample,
    split,
)
from mitmodels.errors import InputError

_MOST = 10_000  # points
_LONGEST = 120  # characters of the name of a folder
_UNCHANGED = "base"  # name of the point that is the file itself
_COMBINED = ("zip", "one_at_a_time")  # tables of keys
_RANGE = 'write { from = "60 K", to = "100 K", points = 5 }, with spacing = "log" if wanted'


@dataclass(frozen=True)
class Axis:
    """Changes of which every point has one.

    Attributes
    ----------
    choices : tuple of mapping
        What each of them puts at which dotted key.
    """

    choices: tuple[Mapping[str, Any], ...]

    def __len__(self) -> int:
        """Return the number of choices."""
        return len(self.choices)

    @property
    def values(self) -> dict[str, tuple[Any, ...]]:
        """Values of every key that some choice changes, in their order."""
        keys = dict.fromkeys(key for choice in self.choices for key in choice)
        return {key: tuple(c[key] for c in self.choices if key in c) for key in keys}


@dataclass(frozen=True)
class Point:
    """One run of a sweep.

    Attributes
    ----------
    name : str
        Of its run folder, such as ``temperature=60K,hot=4e-5ohm-m``.
    values : mapping of str to object
        What it puts at which dotted key.
    data : mapping of str to object
        The file with these values and without ``[sweep]``.
    """

    name: str
    values: Mapping[str, Any]
    data: dict[str, Any]


@dataclass(frozen=True)
class Sweep:
    """All points of a sweep in order: the last axis changes fastest; the sample is one axis."""

    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    sample: Sample | None = None


def expand(document: Document) -> Sweep:
    """Expand the section ``[sweep]`` of a document into its points.

    Raises
    ------
    InputError
        If there is none, or it cannot be read.
    """
    section = document.data.get("sweep")
    if not isinstance(section, dict) or not section:
        raise InputError(
            f"{document.path}: has no [sweep]: add one, for example "
            'ambient.temperature = ["60 K", "80 K"] below [sweep]'
        )
    origin = str(document.path)
    sample = read_sample(section["sample"], origin) if "sample" in section else None
    axes = _sampled(sample, section, origin) if sample else _axes(section, origin)
    base = {key: value for key, value in document.data.items() if key != "sweep"}
    choices = [
        {key: value for part in parts for key, value in part.items()}
        for parts in product(*(axis.choices for axis in axes))
    ]
    names = [f"{i:04d}" for i in range(len(choices))] if sample else _names(axes, choices)
    points = (
        Point(name, values, _applied(base, values, origin))
        for name, values in zip(names, choices, strict=True)
    )
    return Sweep(axes, tuple(points), sample)


def _sampled(sample: Sample, section: Mapping[str, Any], origin: str) -> tuple[Axis, ...]:
    """Points drawn from the distributions of all other keys, as one axis."""
    entries = dict(_entries({k: v for k, v in section.items() if k != "sample"}, ""))
    for key, entry in entries.items():
        if not is_distribution(entry):
            raise InputError(
                f"{origin}: sweep.{key} stands beside sweep.sample and is no distribution: leave "
                f"it out, or {DISTRIBUTION}"
            )
    if not entries:
        raise InputError(
            f"{origin}: sweep.sample has nothing to draw: declare a distribution, for example "
            'ambient.temperature = { distribution = "normal", mean = "80 K", sigma = "5 K" }'
        )
    count = sample.n * (len(entries) + 2 if sample.indices else 1)
    if count > _MOST:
        raise InputError(f"{origin}: sweep has {count} points: give at most {_MOST}")
    given = {
        key: read_distribution(entry, f"{origin}: sweep.{key}") for key, entry in entries.items()
    }
    return (Axis(draw(sample, given)),)


def _axes(section: Mapping[str, Any], origin: str) -> tuple[Axis, ...]:
    zipped, alone = section.get("zip", []), section.get("one_at_a_time")
    if not isinstance(zipped, list) or not all(isinstance(table, dict) for table in zipped):
        raise InputError(f"{origin}: sweep.zip is not a list of tables: write [[sweep.zip]]")
    single = {key: value for key, value in section.items() if key not in _COMBINED}
    axes = [_axis({key: values}) for key, values in _leaves(single, "", origin)]
    axes += [_zip(table, origin) for table in zipped]
    axes += [] if alone is None else [_one_at_a_time(alone, origin)]
    for axis in axes:
        if any(choice in axis.choices[:i] for i, choice in enumerate(axis.choices)):
            subject = f"{origin}: sweep.{' and '.join(axis.values)}"
            raise InputError(f"{subject} has the same value twice: name it once")
    uses = Counter(key for axis in axes for key in axis.values)
    repeated = [key for key, count in uses.items() if count > 1]
    if repeated:
        raise InputError(f"{origin}: sweep changes {repeated[0]} twice: name it once")
    count = math.prod(map(len, axes))
    if count > _MOST:
        raise InputError(f"{origin}: sweep has {count} points: give at most {_MOST}")
    return tuple(axes)


def _axis(values: Mapping[str, Sequence[Any]]) -> Axis:
    rows = zip(*values.values(), strict=True)
    return Axis(tuple(dict(zip(values, row, strict=True)) for row in rows))


def _zip(table: Mapping[str, Any], origin: str) -> Axis:
    values = dict(_leaves(table, "", origin))
    counts = {key: len(found) for key, found in values.items()}
    if len(set(counts.values())) != 1:
        given = ", ".join(f"{key} has {count}" for key, count in counts.items()) or "it is empty"
        raise InputError(f"{origin}: sweep.zip needs as many values of every key: {given}")
    return _axis(values)


def _one_at_a_time(table: Any, origin: str) -> Axis:
    """No change, then each value of each key alone."""
    if not isinstance(table, dict) or not table:
        raise InputError(
            f"{origin}: sweep.one_at_a_time is not a table of keys: write them below "
            "[sweep.one_at_a_time]"
        )
    changes = [{key: v} for key, values in _leaves(table, "", origin) for v in values]
    return Axis(({}, *changes))


def _leaves(
    table: Mapping[str, Any], prefix: str, origin: str
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for key, entry in _entries(table, prefix):
        subject = f"{origin}: sweep.{key}"
        if is_distribution(entry):
            remedy = 'add sample = { method = "sobol", n = 64, seed = 1 } below [sweep]'
            raise InputError(f"{subject} is a distribution, of which nothing draws: {remedy}")
        values = _range(entry, subject) if isinstance(entry, dict) else entry
        if not isinstance(values, list) or not values:
            raise InputError(f"{subject} is neither a list of values nor a range: {_RANGE}")
        yield key, tuple(values)


def _entries(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """What stands at every dotted key: lists, ranges and distributions."""
    for name, entry in table.items():
        key = f"{prefix}{name}"
        if isinstance(entry, dict) and not {"from", "points", "distribution"} & entry.keys():
            yield from _entries(entry, f"{key}.")
        else:
            yield key, entry


def _range(table: Mapping[str, Any], subject: str) -> list[Any]:
    """Values at equal distances, or at equal ratios, from the first to the last."""
    unknown = table.keys() - {"from", "to", "points", "spacing"}
    points, spacing = table.get("points", 0), table.get("spacing", "linear")
    first, last = (split(table.get(end)) for end in ("from", "to"))
    if unknown or first is None or last is None or not _is_count(points):
        raise InputError(f"{subject} is not a range: {_RANGE}")
    if first[1] != last[1]:
        raise InputError(f"{subject} goes from {first[1]} to {last[1]}: give one unit")
    a, b = first[0], last[0]
    if spacing not in ("linear", "log") or (spacing == "log" and not a * b > 0):
        raise InputError(
            f'{subject}: spacing is "linear", or "log" between two values of the same sign'
        )
    numbers = np.linspace(a, b, points) if spacing == "linear" else np.geomspace(a, b, points)
    texts = [f"{number:.12g}" for number in numbers]
    if first[1]:
        return [f"{text} {first[1]}" for text in texts]
    whole = isinstance(table["from"], int) and all(re.fullmatch(r"-?\d+", text) for text in texts)
    return [int(text) if whole else float(text) for text in texts]


def _is_count(points: Any) -> bool:
    return isinstance(points, int) and not isinstance(points, bool) and 2 <= points <= _MOST


def _applied(base: Mapping[str, Any], values: Mapping[str, Any], origin: str) -> dict[str, Any]:
    data = copy.deepcopy(dict(base))
    for key, value in values.items():
        put(data, key, copy.deepcopy(value), f"{origin}: sweep.{key}")
    return data


def _names(axes: Sequence[Axis], choices: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the points after their values; number them where that is too long or not unique."""
    keys = [key for axis in axes for key in axis.values]
    last = Counter(key.rpartition(".")[2] for key in keys)
    short = {key: (end if last[end := key.rpartition(".")[2]] == 1 else key) for key in keys}
    order = {key: values for axis in axes for key, values in axis.values.items()}
    names = [
        ",".join(f"{short[key]}={_slug(value, order[key])}" for key, value in values.items())
        or _UNCHANGED
        for values in choices
    ]
    if len(set(names)) == len(names) and max(map(len, names)) <= _LONGEST:
        return names
    return [f"{i:04d},{name[:_LONGEST]}" for i, name in enumerate(names)]


def _slug(value: Any, values: Sequence[Any]) -> str:
    """Text of a value that may stand in the name of a folder."""
    if isinstance(value, dict) and "value" in value:
        value = value["value"]
    elif isinstance(value, list | dict):
        return f"no{values.index(value) + 1}"
    elif isinstance(value, bool):
        value = str(value).lower()  # as TOML spells it
    text = re.sub(r"(?<=\d)\s+(?=[^\W\d])", "", str(value).strip())
    return re.sub(r"[^\w.+-]+", "-", text).rstrip("-")

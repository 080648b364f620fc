"""What the papers state, beside what the program finds: one table of statements for each paper.

``salev2021.csv`` has a line for every statement of that paper that can be checked, and for every
other the reason why not. Its numbers are names in braces, of the module ``salev2021``. What is
found comes from a run that ``docs/gallery.toml`` lists: a key of its ``summary.json``, or of the
paper's ``readings`` of such a run, which are those of no run for what a closed form says.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib import import_module
from math import inf
from pathlib import Path
from string import Formatter
from types import ModuleType

import pint

from mitmodels.cases.config.columns import read_records

PAPERS = ("salev2021", "chen2024", "buttberg2025", "miranda2024", "schindler2009", "second_devices")
CLOSED_FORM = "closed form"
AGREE = ("fitted", "predicted, agrees")
DISAGREE = ("predicted, disagrees", "not reproduced")
OUTCOMES = (*AGREE, *DISAGREE)
UNCHECKED = "not checked"

_UNITS: "pint.UnitRegistry[float]" = pint.UnitRegistry()
_INTERVAL = re.compile(
    r"(?P<sign>[<>]) (?P<bound>\S+)|(?P<low>\S+) to (?P<high>\S+)"
    r"|(?P<middle>\S+) \+- (?P<width>\S+)(?P<percent> %)?"
)


@dataclass(frozen=True)
class Statement:
    """A line of a table.

    Attributes
    ----------
    paper : str
        Name of its module.
    where : str
        Figure, equation or section.
    statement : str
        What is stated.
    says : str
        The quoted value; numbers in braces.
    unit : str
        In which both values are shown.
    run, key : str
        Name in ``docs/gallery.toml``, or `CLOSED_FORM`, and of the value that is found.
    agrees : str
        What a value that agrees is, in ``unit``: ``{V} +- 10 %``, ``> 1``, ``1 to 2``.
    outcome : str
        One of `OUTCOMES`, or `UNCHECKED`. What went into the model is fitted.
    ours : str
        Where a value is held that does not agree.
    why : str
        Reason or remark.
    """

    paper: str
    where: str
    statement: str
    says: str
    unit: str
    run: str
    key: str
    agrees: str
    outcome: str
    ours: str
    why: str

    @property
    def quoted(self) -> str:
        """What the paper says, with its numbers in ``unit``."""
        return f"{self._numbers(self.says)} {self.unit if '{' in self.says else ''}".strip()

    @property
    def tolerance(self) -> str:
        """Where the value that is found has to be."""
        return self._numbers(self.ours or self.agrees)

    def shown(self, value: float) -> str:
        """A value that was found, with its unit."""
        return f"{value:.4g} {self.unit}".strip()

    def holds(self, value: float) -> bool:
        """Whether a value [``unit``] is within its tolerance, on the side of its outcome."""
        low, high = self.interval(self.agrees)
        if self.outcome in AGREE:
            return low <= value <= high
        inner, outer = self.interval(self.ours)
        return inner <= value <= outer and not low <= value <= high

    def interval(self, text: str) -> tuple[float, float]:
        """Ends of what a text allows.

        Raises
        ------
        ValueError
            If it cannot be read.
        """
        found = _INTERVAL.fullmatch(self._numbers(text))
        if not found:
            raise ValueError(f'{self.paper}.csv, {self.where}: "{text}" is no interval')
        if found["sign"]:
            bound = float(found["bound"])
            return (bound, inf) if found["sign"] == ">" else (-inf, bound)
        if found["low"]:
            return float(found["low"]), float(found["high"])
        middle, width = float(found["middle"]), float(found["width"])
        width *= abs(middle) / 100 if found["percent"] else 1
        return middle - width, middle + width

    def _numbers(self, text: str) -> str:
        """Put numbers of the paper's module for their names."""
        names, shown = vars(module(self.paper)), ""
        for words, name, *_ in Formatter().parse(text):
            shown += words
            if name:
                number, _ = Formatter().get_field(name, (), names)
                shown += f"{converted(number, number.unit, self.unit):.6g}"
        return shown


@cache
def module(paper: str) -> ModuleType:
    """Return the module of a paper's numbers."""
    return import_module(f"mitmodels.cases.papers.{paper}")


@cache
def statements(paper: str) -> tuple[Statement, ...]:
    """Return the table of a paper."""
    columns = [field.name for field in fields(Statement)][1:]
    records = read_records(Path(__file__).with_name(f"{paper}.csv"), columns)
    return tuple(Statement(paper, **record) for record in records)


def all_statements() -> tuple[Statement, ...]:
    """Return the statements of all papers."""
    return tuple(line for paper in PAPERS for line in statements(paper))


def found(lines: Sequence[Statement], folder: Path) -> dict[Statement, float]:
    """Return the value found for each statement of one run, in its unit.

    Raises
    ------
    KeyError
        If the run has no such value.
    """
    values: dict[str, dict[str, tuple[float | None, str]]] = {}
    for paper in {line.paper for line in lines}:
        readings = import_module(f"mitmodels.cases.papers.readings.{paper}").READINGS
        read = readings.get(lines[0].run)
        values[paper] = {**_summary(folder), **(read(folder) if read else {})}
    shown = {}
    for line in lines:
        value, unit = values[line.paper][line.key]
        if value is None:
            raise KeyError(f"{line.run}: {line.key} has no value")
        shown[line] = converted(float(value), unit, line.unit)
    return shown


def _summary(folder: Path) -> dict[str, tuple[float | None, str]]:
    path = folder / "summary.json"
    if not path.exists():
        return {}
    entries = json.loads(path.read_text(encoding="utf-8"))
    return {name: (entry["value"], entry["unit"]) for name, entry in entries.items()}


def converted(value: float, unit: str, wanted: str) -> float:
    """Return a value in another unit."""
    return float(_UNITS.Quantity(float(value), unit).to(wanted).magnitude)

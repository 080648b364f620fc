"""Records of materials, kept once: laws and numbers with range of validity, source and status.

A section that says ``material = "lsmo"`` takes over what that record, a file in ``materials/``,
says of the section's keys; what the section says itself wins. A record that serves several
sections has a table of the name of each.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mitmodels.cases.config.messages import classes, kinds_of, known
from mitmodels.cases.config.quantity import Dimension, Quantity
from mitmodels.cases.config.section import Section
from mitmodels.cases.config.shipped import MATERIALS
from mitmodels.cases.config.toml_file import read_toml
from mitmodels.errors import InputError

Bound = Annotated[
    Quantity, Dimension("a temperature or a voltage", "K or V", "400 K", absolute=True)
]
type Given = Mapping[str, Any]
type Ranges = Mapping[str, tuple[Quantity, Quantity]]

_SYMBOLS = {"K": "T_max", "V": "V"}


class Material(Section):
    """A section whose values may come from a record."""

    model_config = ConfigDict(json_schema_extra=lambda described: or_record(described))
    # Keys that a key of the section's own replaces in the record.
    replaced: ClassVar[Mapping[str, frozenset[str]]] = {}
    # Read into the other keys, and none from then on.
    material: str | None = Field(default=None, json_schema_extra={"examples": ["my.toml"]})
    """Record of a material (`mitmodels materials`) or path of a TOML file, whose keys hold here."""
    valid: dict[str, tuple[Bound, Bound]] = Field(
        default_factory=dict, json_schema_extra={"examples": [{"conductivity": ["100 K", "400 K"]}]}
    )
    """Temperatures or voltages between which each law holds; a run that leaves them warns."""

    @model_validator(mode="after")
    def _ranges_are_some(self) -> Self:
        for law, (low, high) in self.valid.items():
            if low.unit != high.unit or not low < high:
                raise ValueError(
                    f"valid.{law} is not a range: write two temperatures or two voltages, the "
                    "lower one first"
                )
        return self

    @property
    def ranges(self) -> Ranges:
        """For each law whose range is known, that range."""
        return self.valid


def or_record(described: dict[str, Any]) -> None:
    """Let the schema of a section ask for a record or for the keys themselves."""
    required = described.pop("required", [])
    described["anyOf"] = [{"required": ["material"]}, {"required": required}]


def record_names() -> list[str]:
    """Return the names of the records that come with the project."""
    return sorted(file.stem for file in MATERIALS.glob("*.toml"))


def materials(*names: str) -> str:
    """Print laws, values, ranges of validity, status and sources of materials.

    Parameters
    ----------
    names
        Records or TOML files of one's own. Default: all records that come with the project.

    Raises
    ------
    InputError
        If there is no such record.
    """
    return "\n".join(line for name in names or record_names() for line in describe(name))


def describe(name: str) -> list[str]:
    """Return what a record says: laws, values, ranges of validity, status and source, by lines.

    Raises
    ------
    InputError
        If there is no such record.
    """
    record = _find(name, "material")
    rows = list(_rows(record, ""))
    values = [row for row in rows if not row[0].endswith("formula")]
    widths = [max((len(row[column]) for row in values), default=0) for column in range(3)]
    lines = [f"{name}: {record['title']}"]
    for key, value, status, source in rows:
        if key.endswith("formula"):
            lines.append(f"  {value}")
        else:
            cells = (key, value, status)
            padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
            lines.append(f"  {'  '.join(padded)}  {source}".rstrip())
    return lines


def filled(model: type[BaseModel], data: Given) -> dict[str, Any]:
    """Return parsed data in which the records that they name stand in place of the names.

    Raises
    ------
    InputError
        If there is no such record; the sentence begins with the key.
    """
    data = dict(data)
    for name, field in model.model_fields.items():
        kinds = [kind for kind in classes(field.annotation) if issubclass(kind, Material)]
        section = data.get(name)
        if kinds and isinstance(section, dict) and section.get("material") is not None:
            taken = _values(_find(section["material"], f"{name}.material"), name, kinds)
            own = {key: value for key, value in section.items() if key != "material"}
            if isinstance(field.discriminator, str):
                taken = _of_kind(taken, own, field.discriminator, field.annotation)
            gone = {old for kind in kinds for key in own for old in kind.replaced.get(key, ())}
            data[name] = {key: taken[key] for key in taken.keys() - gone} | own
    return data


def _of_kind(taken: dict[str, Any], own: Given, tag: str, annotation: Any) -> dict[str, Any]:
    """What a record says of the kind of a section that the section itself names, if it does."""
    kind = own.get(tag, taken.get(tag))
    model = kinds_of(annotation, tag).get(kind) if isinstance(kind, str) else None
    if model is None or kind == taken.get(tag):
        return taken
    other_law = {"valid"} if tag in taken else set()
    return {key: taken[key] for key in taken.keys() & model.model_fields.keys() - other_law}


def from_record[Kind: Material](model: type[Kind], section: str, material: str) -> Kind:
    """Return a section as a record has it.

    Raises
    ------
    InputError
        If there is no such record.
    """
    return model.model_validate(_values(_find(material, "material"), section, [model]))


def left_ranges(
    config: BaseModel, before: Mapping[str, float], now: Mapping[str, float]
) -> Iterator[str]:
    """Say which laws a run has just left the range of: each once per run and side.

    Parameters
    ----------
    config
        Checked configuration of a case.
    before
        The largest values by now, by their units, ``{"K": 300.0}``; empty at the beginning.
    now
        The present ones.

    Yields
    ------
    str
        A sentence.
    """
    for section, content in config:
        for law, (low, high) in content.ranges.items() if isinstance(content, Material) else ():
            if low.unit not in now:
                continue
            value, largest = now[low.unit], before.get(low.unit)
            above = value > high and (largest is None or largest <= high)
            if above or (value < low and largest is None):
                yield (
                    f"{_SYMBOLS[low.unit]} = {value:.4g} {low.unit} is "
                    f"{'above' if above else 'below'} the range of {section}.{law}, "
                    f"{low.given} to {high.given}"
                )


def _values(record: Given, section: str, kinds: Sequence[type[BaseModel]]) -> dict[str, Any]:
    table = record.get(section)
    table = table if isinstance(table, dict) and "value" not in table else record
    keys = {key for kind in kinds for key in kind.model_fields}
    return {key: table[key] for key in keys & table.keys()}


def _find(name: Any, key: str) -> dict[str, Any]:
    """Return the record of a name, or in a file of the user's."""
    if isinstance(name, str) and name.endswith(".toml"):
        return _read(Path(name))
    return _read(MATERIALS / f"{known(name, record_names(), key)}.toml")


def _read(path: Path) -> dict[str, Any]:
    record = read_toml(path)[1]
    if not isinstance(record.get("title"), str):
        raise InputError(f"{path}: title is missing: say in one line what the material is")
    return record


def _rows(table: Given, prefix: str) -> Iterator[tuple[str, str, str, str]]:
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, list) and len(value) == 2:  # a range
            (low, *first), (high, *second) = map(_cells, value)
            status, source = (
                "; ".join(dict.fromkeys(text for text in pair if text))
                for pair in zip(first, second, strict=True)
            )
            yield name, f"{low} to {high}", status, source
        elif isinstance(value, list):  # a column of a table
            cells = [_cells(item) for item in value]
            status, source = (
                "; ".join(dict.fromkeys(texts))
                for texts in zip(*(c[1:] for c in cells), strict=True)
            )
            yield name, f"{cells[0][0]} to {cells[-1][0]}, {len(cells)} values", status, source
        elif isinstance(value, dict) and "value" not in value:
            yield from _rows(value, f"{name}.")
        elif key != "title":
            yield name, *_cells(value)


def _cells(given: Any) -> tuple[str, str, str]:
    if isinstance(given, dict):
        return str(given["value"]), given.get("status", "assumed"), given.get("source", "")
    return str(given), "", ""

"""Numbers with a unit, a source and a status, as they stand in a TOML file.

A dimensional value is a string with its unit, ``length = "100 um"``, or a table
``{ value = "8 W/(m K)", source = "fit to V_full", status = "fitted" }``. It is converted once, to a
``Quantity``: a float in SI that the numerics use as it is, and that the run folder can write back
with where it came from.
"""

import json
import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict, get_args

from pydantic import ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, with_config
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

if TYPE_CHECKING:
    import pint

Status = Literal["measured", "handbook", "fitted", "assumed"]

NOT_STATED = "not stated"

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_FACTOR = r"(?:[^\W\d_]+|°[CF]|%)(?:(?:\^|\*\*)?[+-]?[1-9](?!\d))?"
_PRODUCT = rf"{_FACTOR}(?:(?:\s*[*·/]\s*|\s+){_FACTOR})*"
_UNIT = rf"(?:1\s*/\s*)?{_PRODUCT}(?:\s*/\s*\(\s*{_PRODUCT}\s*\))?|1\s*/\s*\(\s*{_PRODUCT}\s*\)"
NUMBER = re.compile(_NUMBER)
"""A number as a quantity has it."""
_QUANTITY = re.compile(rf"({_NUMBER})\s*({_UNIT})?")
_EXPONENT = re.compile(r"(?<=[^\W\d_])(?:\^|\*\*)?([+-]?[1-9])")
_LONGEST = 80  # characters; nothing that a person writes as one number is longer


class Quantity(float):
    """A float in SI that remembers how it was given.

    Arithmetic gives plain floats. Equal to every float of the same value.

    Attributes
    ----------
    unit : str
        SI unit of the float, ``""`` for a pure number.
    given : str
        As written in the input.
    source : str
        Where the number comes from.
    status : {"measured", "handbook", "fitted", "assumed"}
    """

    unit: str
    given: str
    source: str
    status: Status

    def __new__(
        cls,
        value: float,
        unit: str = "",
        given: str = "",
        source: str = NOT_STATED,
        status: Status = "assumed",
    ) -> "Quantity":
        """Attach unit and origin to a value that is in SI already."""
        self = super().__new__(cls, value)
        self.unit, self.given, self.source, self.status = unit, given, source, status
        return self

    def __getnewargs__(self) -> tuple[float, str, str, str, Status]:  # type: ignore[override]
        """Arguments of ``__new__``: copies and pickles keep the origin."""
        return float(self), self.unit, self.given, self.source, self.status

    @property
    def si(self) -> str:
        """Value and SI unit in one string that reads back to the same float."""
        return f"{float(self)!r} {self.unit}".rstrip()


@with_config(ConfigDict(extra="forbid"))
class _Table(TypedDict):
    """The long form of a value in the TOML file."""

    value: Any
    source: NotRequired[str]
    status: NotRequired[Status]


type Affine = tuple[Decimal | None, Decimal]
"""Factor and offset from a unit to another, no factor if they are of different kinds."""


@cache
def _units() -> "pint.UnitRegistry[Decimal]":
    """Pint's units in decimal arithmetic: 100 um are 1e-4 m to the last bit."""
    import pint  # only here: it takes longer than the rest

    units: pint.UnitRegistry[Decimal] = pint.UnitRegistry(non_int_type=Decimal)
    units.define("@alias ohm = Ohm")
    units.define("square = 1 = sq")  # as in ohm/sq
    return units


def by_pint(unit: str, si: str) -> Affine:
    """Ask pint for factor and offset from a unit to another."""
    from pint import PintError

    name, target = (_EXPONENT.sub(r"**\1", text) for text in (unit, si))
    try:
        zero, one = (_units().Quantity(Decimal(n), name).to(target).magnitude for n in (0, 1))
    except PintError:
        return None, Decimal(0)
    return one - zero, zero


@cache
def conversions() -> dict[tuple[str, str], Affine]:
    """Return the conversions that are known: those of the shipped files, and what was asked since.

    They are pint's, kept in a file (``make schema``) because loading pint takes longer than
    reading a TOML file.
    """
    kept = json.loads(files("mitmodels.cases.config").joinpath("conversions.json").read_bytes())
    return {
        (unit, si): (Decimal(slope) if slope else None, Decimal(zero))
        for unit, si, slope, zero in kept
    }


def _conversion(unit: str, si: str) -> Affine:
    known = conversions()
    if (unit, si) not in known:
        known[unit, si] = by_pint(unit, si)
    return known[unit, si]


def _mismatch(message: str) -> PydanticCustomError:
    """Wrap the predicate of a sentence whose subject is ``file: key = value``."""
    return PydanticCustomError("quantity", "{message}", {"message": message})


@dataclass(frozen=True)
class Dimension:
    """What a value in the TOML file must be; annotates a field of a configuration.

    ``Annotated[Quantity, Dimension("a length", "m", "100 um", above=0)]`` is a positive length.

    Attributes
    ----------
    name : str
        With its article, for messages: ``"a length"``.
    unit : str
        SI unit of the float, ``""`` for a pure number; ``"V or A"`` where either will do.
    example : str
        A valid value, shown as the remedy.
    above, least, most : float or None
        Exclusive lower, inclusive lower and inclusive upper bound, in SI.
    absolute : bool
        Whether a unit with an offset (degC) is a point on the scale; elsewhere it is refused.
    usual : tuple of float or None
        Smallest and largest magnitude in SI that raise no eyebrow.
    word : str or None
        What may stand there instead, the name of a law from which the value follows.
    """

    name: str
    unit: str
    example: str
    above: float | None = None
    least: float | None = None
    most: float | None = None
    absolute: bool = False
    usual: tuple[float, float] | None = None
    word: str | None = None

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Validate the short form as the long one, then convert to SI."""
        table = core_schema.no_info_before_validator_function(
            self._long_form, handler.generate_schema(_Table)
        )
        return core_schema.no_info_after_validator_function(
            self._convert,
            table,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe the short form and the long one."""
        short = {"type": "string" if self.unit else ["string", "number"]}
        long = {
            "type": "object",
            "properties": {
                "value": short,
                "source": {"type": "string"},
                "status": {"enum": list(get_args(Status))},
            },
            "required": ["value"],
            "additionalProperties": False,
        }
        return {"anyOf": [short, long], "title": self._words, "examples": [self.example]}

    @property
    def _words(self) -> str:
        """What a value is, its unit and where it usually lies."""
        words = f"{self.name} in {self.unit}" if self.unit else self.name
        ends = {"above": self.above, "at least": self.least, "at most": self.most}
        limits = [f"{word} {end:g}" for word, end in ends.items() if end is not None]
        usual = "mostly {:g} to {:g}".format(*self.usual) if self.usual else ""
        words = ", ".join(filter(None, (words, *limits, usual)))
        return f'{words}, or "{self.word}"' if self.word else words

    def _long_form(self, given: Any) -> Any:
        if isinstance(given, Quantity):
            return {"value": given.si, "source": given.source, "status": given.status}
        return given if isinstance(given, dict) else {"value": given}

    def _convert(self, table: _Table) -> Quantity | str:
        given = table["value"]
        if self.word and given == self.word:
            return self.word
        number, unit = self._split(given)
        value, si = self._to_si(number, unit)
        self._check_bounds(value)
        source, status = table.get("source", NOT_STATED), table.get("status", "assumed")
        return Quantity(value, si, str(given), source, status)

    def _split(self, given: Any) -> tuple[str, str]:
        if isinstance(given, int | float) and not isinstance(given, bool):
            if self.unit:
                raise _mismatch(f'is a number without a unit: write a string, "{self.example}"')
            given = repr(given)
        if not isinstance(given, str):
            raise _mismatch(f'is not {self.name}: write a string, "{self.example}"')
        text = unicodedata.normalize("NFKC", given.strip()).replace("\N{MINUS SIGN}", "-")
        match = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST else None
        if not match or (self.unit and not match[2]):
            word = f' or "{self.word}"' if self.word else ""
            raise _mismatch(f'cannot be read as {self.name}: write it as in "{self.example}"{word}')
        if not math.isfinite(float(match[1])):
            raise _mismatch(f'is not finite: write it as in "{self.example}"')
        return match[1], match[2] or ""

    def _to_si(self, number: str, unit: str) -> tuple[float, str]:
        """Value in the first SI unit of the dimension that fits, and that unit."""
        slope, zero, si = self._affine(unit)
        return float(Decimal(number) * slope + zero), si

    def scale(self, unit: str) -> tuple[float, float, str]:
        """Return factor and offset from a unit to SI, and the SI unit."""
        slope, zero, si = self._affine(unit)
        return float(slope), float(zero), si

    def _affine(self, unit: str) -> tuple[Decimal, Decimal, str]:
        for si in self.unit.split(" or "):
            slope, zero = _conversion(unit, si)
            if slope is not None and (zero == 0 or self.absolute):
                return slope, zero, si
        raise _mismatch(
            f'is not {self.name} [{self.unit or "no unit"}]: write it as in "{self.example}"'
        )

    def _check_bounds(self, value: float) -> None:
        checks = (
            (math.isfinite(value), "less than", math.inf),
            (self.above is None or value > self.above, "greater than", self.above),
            (self.least is None or value >= self.least, "at least", self.least),
            (self.most is None or value <= self.most, "at most", self.most),
        )
        for holds, words, bound in checks:
            if not holds:
                limit = f"{bound:g} {self.unit}".rstrip()
                raise _mismatch(f'must be {words} {limit}: write it as in "{self.example}"')

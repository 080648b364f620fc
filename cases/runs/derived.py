"""Derived quantities: further columns of ``iv.csv``, computed from the others with their units.

An expression has names of columns, numbers, quantities in quotes, ``+ - * / **``, brackets and a
few functions, and nothing else: it is never run as a program.
"""

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated, cast

from pydantic import TypeAdapter, ValidationError

from mitmodels.cases.config.messages import shortened
from mitmodels.cases.config.quantity import Dimension, Quantity
from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import Value
from mitmodels.solvers.runs.folder import Table

Row = Mapping[str, Value]
Powers = tuple[Fraction, ...]  # of the base units

_BASE = ("m", "kg", "s", "A", "K")
_UNITS = {
    "": (0, 0, 0, 0, 0),
    "V": (2, 1, -3, -1, 0),
    "A": (0, 0, 0, 1, 0),
    "ohm": (2, 1, -3, -2, 0),
    "S": (-2, -1, 3, 2, 0),
    "W": (2, 1, -3, 0, 0),
    "J": (2, 1, -2, 0, 0),
    "C": (0, 0, 1, 1, 0),
    "F": (-2, -1, 4, 2, 0),
    "H": (2, 1, -2, -2, 0),
    "s": (0, 0, 1, 0, 0),
    "1/s": (0, 0, -1, 0, 0),
    "K": (0, 0, 0, 0, 1),
    "m": (1, 0, 0, 0, 0),
    "m2": (2, 0, 0, 0, 0),
    "m3": (3, 0, 0, 0, 0),
    "m/s": (1, 0, -1, 0, 0),
    "V/m": (1, 1, -3, -1, 0),
    "A/m2": (-2, 0, 0, 1, 0),
    "W/m2": (0, 1, -3, 0, 0),
    "W/m3": (-1, 1, -3, 0, 0),
    "W/K": (2, 1, -3, 0, -1),
    "K/W": (-2, -1, 3, 0, 1),
    "ohm m": (3, 1, -3, -2, 0),
    "S/m": (-3, -1, 3, 2, 0),
}
_POWERS = {unit: tuple(map(Fraction, powers)) for unit, powers in _UNITS.items()}
_NONE = _POWERS[""]
_LONGEST = 500  # characters
_CONSTANT = Dimension(
    "a quantity", " or ".join(unit for unit in _UNITS if unit), "1 mA", absolute=True
)
_QUANTITY: TypeAdapter[Quantity] = TypeAdapter(Annotated[Quantity, _CONSTANT])
_PURE: dict[str, Callable[[float], float]] = {
    "exp": math.exp,
    "log": math.log,
    "log10": math.log10,
}
_EXTREMES: dict[str, Callable[..., float]] = {"min": min, "max": max}


class _FaultyError(Exception):
    """What is wrong with an expression, and the remedy."""


@dataclass(frozen=True)
class Term:
    """A part of an expression: powers of the base units, and its value in SI at a row."""

    powers: Powers
    value: Callable[[Row], float]

    @property
    def unit(self) -> str:
        """SI unit."""
        for unit, powers in _POWERS.items():
            if powers == self.powers:
                return unit
        parts = zip(_BASE, self.powers, strict=True)
        return " ".join(f"{base}{power if power != 1 else ''}" for base, power in parts if power)


@dataclass(frozen=True)
class Derived:
    """Derived quantities of a run by name."""

    terms: Mapping[str, Term] = field(default_factory=dict)

    @classmethod
    def parse(cls, given: Mapping[str, str], units: Mapping[str, str]) -> "Derived":
        """Understand expressions of columns with units, and of those that were derived before.

        Raises
        ------
        InputError
            If one is malformed, adds different units, or has the name of a column.
        """
        terms: dict[str, Term] = {}
        known = {name: _column(name, unit) for name, unit in units.items()}
        for name, text in given.items():
            subject = f'output.derived.{name} = "{shortened(text)}"'
            if not name.isidentifier() or name in known:
                fault = "is a column already" if name in known else "is not a name"
                raise InputError(f"{subject}: {name} {fault}: give another name, such as P_film")
            try:
                terms[name] = known[name] = _parsed(text, known)
            except _FaultyError as error:
                raise InputError(f"{subject}: {error}") from None
        return cls(terms)

    @property
    def units(self) -> dict[str, str]:
        """SI unit of each quantity."""
        return {name: term.unit for name, term in self.terms.items()}

    def extended(self, row: Row) -> dict[str, Value]:
        """Return a row with its derived quantities, None where one has no value."""
        found = dict(row)
        for name, term in self.terms.items():
            try:
                value = term.value(found)
            except (ArithmeticError, TypeError, ValueError):  # 0/0, log(0), an empty column
                value = math.nan
            is_number = isinstance(value, int | float) and math.isfinite(value)
            found[name] = float(value) if is_number else None
        return found


@dataclass(frozen=True)
class ExtendedTable:
    """A table whose rows come without their derived quantities."""

    table: Table
    derived: Derived

    def append(self, row: Row) -> None:
        """Append a line. Collective."""
        self.table.append(self.derived.extended(row))

    def sync(self) -> int:
        """Return the size [byte] once everything is on the disk itself. Collective."""
        return self.table.sync()


def _column(name: str, unit: str) -> Term | None:
    """Return the term of a column, None if it is no number with one of the units."""
    powers = _POWERS.get(unit)
    # What is in a numeric column is a number, or nothing, which has no result.
    return Term(powers, lambda row: cast("float", row[name])) if powers else None


def _parsed(text: str, known: Mapping[str, Term | None]) -> Term:
    try:
        tree = ast.parse(text.strip() if len(text) <= _LONGEST else "", mode="eval")
        return _term(tree.body, known)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        raise _FaultyError('cannot be read: write it as in "V_film * I"') from None


def _term(node: ast.expr, known: Mapping[str, Term | None]) -> Term:
    match node:
        case ast.Constant(value=int() | float() | str() as value):
            return _constant(value)
        case ast.Name(id=name):
            if term := known.get(name):
                return term
            listed = ", ".join(name for name, term in known.items() if term)
            raise _FaultyError(f"{name} is not a column with numbers: use one of {listed}")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            term = _term(operand, known)
            return Term(term.powers, lambda row: -term.value(row))
        case ast.BinOp(left=left, op=op, right=right):
            return _combined(op, _term(left, known), _term(right, known), right)
        case ast.Call(func=ast.Name(id=name), args=[*arguments], keywords=[]) if arguments:
            return _called(name, [_term(argument, known) for argument in arguments])
    raise _FaultyError(
        f"\"{ast.unparse(node)}\" is not one of columns, numbers, quantities as in '1 mA', "
        "+ - * / ** and sqrt, abs, exp, log, log10, min, max: use those"
    )


def _constant(value: float | str) -> Term:
    if not isinstance(value, str):
        number = float(value)
        return Term(_NONE, lambda _: number)
    try:
        found = _QUANTITY.validate_python(value)
    except ValidationError as error:
        raise _FaultyError(f"'{value}' {error.errors()[0]['msg']}") from None
    return Term(_POWERS[found.unit], lambda _: float(found))


def _combined(op: ast.operator, a: Term, b: Term, right: ast.expr) -> Term:
    match op:
        case ast.Add():
            return Term(_same(a, b), lambda row: a.value(row) + b.value(row))
        case ast.Sub():
            return Term(_same(a, b), lambda row: a.value(row) - b.value(row))
        case ast.Mult():
            return Term(_sum(a, b, 1), lambda row: a.value(row) * b.value(row))
        case ast.Div():
            return Term(_sum(a, b, -1), lambda row: a.value(row) / b.value(row))
        case ast.Pow():
            power = _exponent(right)
            powers = tuple(power * n for n in a.powers)
            return Term(powers, lambda row: a.value(row) ** float(power))
    raise _FaultyError("has another operation than + - * / **: use those")


def _exponent(node: ast.expr) -> Fraction:
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, node = -1, node.operand
    number = node.value if isinstance(node, ast.Constant) else None
    if isinstance(number, bool) or not isinstance(number, int | float) or abs(number) > 10:
        raise _FaultyError("an exponent is not a number of at most 10: write it as in I**2")
    return sign * Fraction(number).limit_denominator(100)


def _called(name: str, terms: list[Term]) -> Term:
    first = terms[0]
    if name in _EXTREMES and len(terms) > 1:
        extreme = _EXTREMES[name]
        for other in terms[1:]:
            _same(first, other)
        return Term(first.powers, lambda row: extreme(term.value(row) for term in terms))
    if len(terms) == 1 and name == "abs":
        return Term(first.powers, lambda row: abs(first.value(row)))
    if len(terms) == 1 and name == "sqrt":
        return Term(tuple(n / 2 for n in first.powers), lambda row: math.sqrt(first.value(row)))
    if len(terms) == 1 and name in _PURE:
        if first.powers != _NONE:
            raise _FaultyError(f"{name} takes a pure number, not {first.unit}: divide by a unit")
        function = _PURE[name]
        return Term(_NONE, lambda row: function(first.value(row)))
    raise _FaultyError(
        f"there is no {name} of {len(terms)} values: use sqrt, abs, exp, log, log10 of one, "
        "min, max of several"
    )


def _same(a: Term, b: Term) -> Powers:
    if a.powers != b.powers:
        raise _FaultyError(
            f"compares or adds {a.unit or 'a pure number'} and {b.unit or 'a pure number'}: "
            "bring both to one unit"
        )
    return a.powers


def _sum(a: Term, b: Term, sign: int) -> Powers:
    return tuple(m + sign * n for m, n in zip(a.powers, b.powers, strict=True))

"""Values outside the decades that their quantity usually has: worth a second look, no errors."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from mitmodels.cases.config.quantity import Dimension, Quantity


def unusual(section: BaseModel, name: str = "") -> Iterator[str]:
    """Say which values of a configuration are unusual for their quantity; zero never is."""
    for key, field in type(section).model_fields.items():
        value, full = getattr(section, key), f"{name}.{key}" if name else key
        parts = value if isinstance(value, tuple) else (value,)
        for number, part in enumerate(parts):
            if isinstance(part, BaseModel):
                place = f"{full}.{number}" if isinstance(value, tuple) else full
                yield from unusual(part, place)
        found = next(_dimensions([*field.metadata, field.annotation]), None)
        numbers = [part for part in parts if _is_given(part)]
        if found and found.usual and numbers:
            low, high = found.usual
            worst = max(numbers, key=lambda x: max(abs(x) / high, low / abs(x)))
            if not low <= abs(worst) <= high:
                yield (
                    f"{full} = {worst.given or worst.si} is unusual for {found.name}, which is "
                    f"mostly {low:g} to {high:g} {found.unit}".rstrip()
                    + ": is it meant so?"
                )


def _is_given(value: Any) -> bool:
    return isinstance(value, Quantity) and value.source != "default" and bool(value)


def _dimensions(hints: Any) -> Iterator[Dimension]:
    for hint in hints:
        if isinstance(hint, Dimension):
            yield hint
        else:
            yield from _dimensions(get_args(hint))

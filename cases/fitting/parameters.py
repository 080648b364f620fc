"""Parameters of a fit: numbers of a case that are adjusted between bounds."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError, model_validator

from mitmodels.cases.config.layers import RENAMED
from mitmodels.cases.config.messages import shown
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.config.section import CaseConfig, Section
from mitmodels.errors import InputError


class Parameter(Section):
    """Number of the cases that is adjusted between two bounds."""

    key: Annotated[str, AfterValidator(lambda key: RENAMED.get(key, key))]
    """Number of the case that is adjusted, by its section and key."""
    min: str | float
    """Lower bound of it, written as in the case."""
    max: str | float
    """Upper bound of it, written as in the case."""
    vary: bool = True
    """Whether it is adjusted; one that is not is kept, and the report says all the same whether the
    data would determine it."""


class Posterior(Section):
    """How the posterior is found after a fit; `mitmodels fit --posterior` takes the defaults."""

    points: int = Field(default=24, ge=8, le=2000)
    """Sets of parameters near the optimum for which the model is solved; up to three times as many
    where its surrogate is too far off or the posterior is wider than expected."""
    draws: int = Field(default=2000, ge=200, le=100_000)
    """Samples of the posterior that are kept."""
    level: float = Field(default=0.9, gt=0, lt=1, examples=[0.9])
    """Probability that a band holds what it is of, mostly 0.68 to 0.95."""
    seed: int = Field(default=1, ge=0)
    """Seed of the points and of the chain."""


class FitConfig(CaseConfig):
    """What the TOML file of every fit has."""

    posterior: Posterior | None = None
    parameter: tuple[Parameter, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _predict(cls, data: Any) -> Any:
        """Find the posterior where it is asked for predictions."""
        asked = isinstance(data, dict) and data.get("predict")
        return {"posterior": {}, **data} if asked else data


@dataclass(frozen=True)
class Interval:
    """A parameter in SI: where it may be and where it starts."""

    key: str
    unit: str
    low: float
    high: float
    start: float
    vary: bool


def numbers(
    config: BaseModel, sections: Sequence[str], fixed: Collection[str] = ()
) -> dict[str, Quantity]:
    """Numbers with dotted keys in some sections of a case, but for the ``fixed`` ones."""
    return {
        f"{name}.{key}": value
        for name in sections
        if (section := getattr(config, name)) is not None
        for key, value in section
        if isinstance(value, Quantity) and f"{name}.{key}" not in fixed
    }


def adjusted[Case: BaseModel](config: Case, values: dict[str, float]) -> Case:
    """Return a case with fitted numbers, marked as such, in SI."""
    for key, value in values.items():
        name, last = key.split(".")
        section = getattr(config, name)
        unit = getattr(section, last).unit
        given = f"{value:g} {unit}".rstrip()
        fitted = Quantity(value, unit, given, "mitmodels fit", "fitted")
        changed = section.model_copy(update={last: fitted})
        config = config.model_copy(update={name: changed})
    return config


def intervals(
    parameters: Sequence[Parameter], config: BaseModel, known: dict[str, Quantity]
) -> tuple[Interval, ...]:
    """Return the parameters of a fit in SI.

    Parameters
    ----------
    parameters
        As given.
    config
        The case, which has the start values.
    known
        Its numbers that may be adjusted.

    Raises
    ------
    InputError
        If a parameter is not such a number or does not start between its bounds, or none varies.
    """
    for fault in _faults(parameters, known):
        raise InputError(fault)
    return tuple(_interval(parameter, config, known[parameter.key]) for parameter in parameters)


def check_devices(
    parameters: Sequence[Parameter],
    fitted: Sequence[str],
    predicted: Sequence[tuple[str, Collection[str]]],
) -> None:
    """Refuse names that are given twice, and predicted devices without a parameter of the fit.

    Parameters
    ----------
    parameters
        As given.
    fitted
        Names of the devices with data.
    predicted
        Names of the others, and the numbers that each of them has.

    Raises
    ------
    InputError
        With the first of them.
    """
    names = Counter((*fitted, *(name for name, _ in predicted)))
    for name in (name for name, count in names.items() if count > 1):
        raise InputError(f"{name} is given twice: name it once")
    for name, known in predicted:
        for parameter in parameters:
            if parameter.key not in known:
                raise InputError(
                    f"predict {name}: has no {parameter.key}, which is a parameter of the fit: "
                    "predict a device that has it"
                )


def _faults(parameters: Sequence[Parameter], known: dict[str, Quantity]) -> Iterator[str]:
    keys = Counter(parameter.key for parameter in parameters)
    for key in (key for key, count in keys.items() if count > 1):
        yield f"{key} is given twice: name it once"
    for key in keys.keys() - known.keys():
        yield f'parameter.key = "{key}" is not a number to fit: use one of {", ".join(known)}'
    if not any(parameter.vary for parameter in parameters):
        yield "parameter: none of them varies: leave out one vary = false"


def _interval(parameter: Parameter, config: BaseModel, start: Quantity) -> Interval:
    low, high = (_bound(config, parameter.key, end) for end in (parameter.min, parameter.max))
    if not low < start < high:
        raise InputError(
            f"parameter {parameter.key}: its start {start.given} is not between {low.given} and "
            f"{high.given}: widen the bounds"
        )
    values = float(low), float(high), float(start)
    return Interval(parameter.key, start.unit, *values, parameter.vary)


def _bound(config: BaseModel, key: str, given: str | float) -> Quantity:
    name, last = key.split(".")
    kind = type(getattr(config, name)).model_fields[last].rebuild_annotation()
    try:
        bound: Quantity = TypeAdapter(kind).validate_python(given)
    except ValidationError as error:
        fault = error.errors()[0]["msg"]
        raise InputError(f"parameter {key}: its bound {shown(given)} {fault}") from None
    return bound

"""Further columns of ``iv.csv`` that a file asks for: temperatures, derived quantities."""

from collections.abc import Mapping

from mitmodels.cases.config.section import RecordedOutput
from mitmodels.cases.runs.derived import Derived
from mitmodels.errors import InputError
from mitmodels.meshes.device import Device
from mitmodels.meshes.probes import Probes


def further_columns(
    output: RecordedOutput, units: Mapping[str, str]
) -> tuple[dict[str, str], Derived]:
    """Return the columns of ``iv.csv`` with those of probes, and what is derived from them.

    Raises
    ------
    InputError
        If a probe has the name of a column, or an expression is malformed.
    """
    probed = {f"T_{name}": "K" for name in output.probes}
    for name, column in zip(output.probes, probed, strict=True):
        if not column.isidentifier() or column in units:
            fault = "is a column already" if column in units else "is not a name"
            raise InputError(f"output.probes.{name}: {column} {fault}: give another name")
    columns = {**units, **probed}
    return columns, Derived.parse(output.derived, columns)


def check_places(film: Device, places: Mapping[str, tuple[float, float]]) -> None:
    """Refuse probes that are not on a film and its pads.

    Raises
    ------
    InputError
        If one is not.
    """
    inside = Probes(film, list(places.values())).inside
    for name, found in zip(places, inside, strict=True):
        if not found:
            x, y = (f"{float(value) * 1e6:.6g} um" for value in places[name])
            raise InputError(
                f"output.probes.{name} = {x}, {y} is not on film and pads: x goes along the "
                "current, y across it, both from the middle: give a place there"
            )

"""Observed quantities of a film: what its tables show, and what its experiments refer to."""

import math
from collections.abc import Container
from dataclasses import dataclass, replace

from mitmodels.circuit import CircuitState
from mitmodels.drive.observable import Observable, Observables


@dataclass(frozen=True)
class Reading:
    """What the fields of a film show, in SI units.

    ``R`` is the resistance of the device, which it has without a voltage too, ``R_contact`` that of
    both contacts in it, with the film under the pads. Hot is what is above
    the barrier temperature: ``barrier_width`` and ``barrier_position`` (its centre of mass) along
    the mid-line, ``hot_across`` across the current in the middle. What is read at a part that the
    mesh does not have is NaN, see `READ_AT`.
    """

    V_film: float
    V_device: float
    I: float  # noqa: E741
    R: float
    R_contact: float
    P: float
    T_max: float
    T_center: float
    T_edge: float
    barrier_width: float
    barrier_position: float
    hot_across: float


@dataclass(frozen=True)
class OperatingPoint:
    """A film in its circuit.

    Attributes
    ----------
    reading : Reading
    load : float
        Resistance between source and device [ohm].
    t : float
        Time [s].
    energy : float
        What the source has put into the device since the beginning [J].
    circuit : CircuitState or None
        Of a film in time.
    stored : float
        Energy in the circuit [J].
    """

    reading: Reading
    load: float
    t: float = math.nan
    energy: float = math.nan
    circuit: CircuitState | None = None
    stored: float = math.nan

    @property
    def V_source(self) -> float:
        """Voltage of the source [V]."""
        if self.circuit:
            return self.circuit.source
        return self.reading.V_device + self.load * self.reading.I

    @property
    def I_source(self) -> float:
        """Current of the source [A]."""
        return self.circuit.current if self.circuit else self.reading.I


_STATE: tuple[Observable[OperatingPoint], ...] = (
    Observable("V_source", "V", lambda point: point.V_source),
    Observable("V_device", "V", lambda point: point.reading.V_device),
    Observable("V_film", "V", lambda point: point.reading.V_film),
    Observable("I", "A", lambda point: point.reading.I),
    Observable("R", "ohm", lambda point: point.reading.R),
    Observable("R_contact", "ohm", lambda point: point.reading.R_contact),
    Observable("P", "W", lambda point: point.reading.P),
    Observable("T_max", "K", lambda point: point.reading.T_max),
    Observable("T_center", "K", lambda point: point.reading.T_center),
    Observable("T_edge", "K", lambda point: point.reading.T_edge),
    Observable("barrier_width", "m", lambda point: point.reading.barrier_width),
    Observable("barrier_position", "m", lambda point: point.reading.barrier_position),
    Observable("hot_across", "m", lambda point: point.reading.hot_across),
)

# Point or line of the mesh at which a quantity is read.
READ_AT = {
    "T_center": "centre",
    "T_edge": "contact_centre",
    "barrier_width": "midline",
    "barrier_position": "midline",
    "hot_across": "midplane",
}

STEADY_FILM = Observables("a steady film", _STATE, {"V": "V_device"})
FILM = Observables(
    "a film",
    (
        Observable("t", "s", lambda point: point.t),
        *_STATE,
        Observable("energy", "J", lambda point: point.energy),
    ),
    {"V": "V_device", "time": "t"},
)
FILM_IN_CIRCUIT = replace(
    FILM,
    columns=(
        *FILM.columns,
        Observable(
            "I_source", "A", lambda point: point.circuit.current if point.circuit else math.nan
        ),
        Observable("E_stored", "J", lambda point: point.stored),
    ),
)


def shown_on[S](film: Observables[S], parts: Container[str]) -> Observables[S]:
    """Return what a film shows on a mesh that has some named parts."""
    absent = {name: part for name, part in READ_AT.items() if part not in parts}
    if not absent:
        return film
    listed = ", ".join(f'"{part}"' for part in dict.fromkeys(absent.values()))
    columns = tuple(column for column in film.columns if column.name not in absent)
    return replace(film, device=f"{film.device} whose mesh has no {listed}", columns=columns)

"""Materials of a film and its contacts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FilmProperties:
    """What the film and its electrodes are made of.

    Attributes
    ----------
    resistivity : callable
        Law of T [K] in [ohm m], for floats, arrays and UFL.
    thermal_conductivity : float
        Of the film [W/(m K)].
    pad_sheet_conductance : float
        Thermal conductivity times thickness of the pads [W/K].
    barrier_temperature : float
        Above it [K] the film counts as barrier in the readings.
    resistivity_factor, loss_factor : callable or None
        Variation along the film: factor at points [m] of shape (n, 2), of the resistivity and of
        the loss into a sheet substrate.
    heat_capacity : float
        rho c_p of the film [J/(m3 K)]; without it there are steady states only.
    pad_heat_capacity : float
        That of the pads times their thickness [J/(m2 K)].
    hottest : float
        Up to which temperature [K] the resistivity is known.
    """

    resistivity: Callable[[Any], Any]
    thermal_conductivity: float
    pad_sheet_conductance: float = 0.0
    barrier_temperature: float = 340.0
    resistivity_factor: Callable[[Array], Array] | None = None
    loss_factor: Callable[[Array], Array] | None = None
    heat_capacity: float = 0.0
    pad_heat_capacity: float = 0.0
    hottest: float = np.inf


@dataclass(frozen=True)
class Contacts:
    """The contacts between film and pads.

    Attributes
    ----------
    resistance : float
        Sum of both contacts, in series with the film [ohm].
    heat : {"none", "pads"}
        Where its Joule heat goes: nowhere, or evenly into the pads.
    ideal_sink : bool
        The film's ends are held at the ambient temperature.
    """

    resistance: float = 0.0
    heat: Literal["none", "pads"] = "none"
    ideal_sink: bool = False

"""Relaxation of a filament at zero bias: what the last outline of a SET becomes, and how fast."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
import numpy.typing as npt
import pandas as pd

from mitmodels.cases.cell.growth import Config
from mitmodels.cases.cell.outlines import read_outlines
from mitmodels.cases.config.document import load_config
from mitmodels.cases.registry import is_case
from mitmodels.cell.relaxation import Relaxation
from mitmodels.errors import InputError, RunError
from mitmodels.solvers.cell.curvature_flow import Relaxed, relax
from mitmodels.solvers.cell.electrode import Shape
from mitmodels.solvers.cell.meshed_cell import Cell
from mitmodels.solvers.cell.outline import Outline
from mitmodels.solvers.runs.files import Results
from mitmodels.solvers.runs.reading import Run

Array = npt.NDArray[np.float64]

_DISSOLVED = 0.5e-9  # height of the tip [m], as in a RESET
_OPEN = 10.0  # resistance over that at the beginning, as in a RESET


@dataclass(frozen=True, eq=False)
class History:
    """Relaxation of one filament.

    Attributes
    ----------
    compliance : float
        Of the SET that left it [A].
    table : DataFrame
        One row per step; the names of the columns carry the units.
    outlines : list of ndarray, shape (n, 2)
        Nodes (r, z) at each row [nm].
    law : Relaxation
        How its surface moves.
    """

    compliance: float
    table: pd.DataFrame
    outlines: list[Array]
    law: Relaxation

    @property
    def radius(self) -> float:
        """Radius of the hemisphere of the volume at the beginning [m]."""
        return float(self.table["mean_radius [m]"].iloc[0])

    @property
    def opened(self) -> float | None:
        """Time to ten times the tunnel resistance [s]; None without a current at the beginning."""
        R = self.table["R_tunnel [ohm]"].to_numpy()
        return self._first(np.log(R / R[0] / _OPEN)) if np.isfinite(R[0]) else None

    @property
    def dissolved(self) -> float:
        """Time to a tip below 0.5 nm [s]."""
        return self._first(_DISSOLVED - self.table["height [m]"].to_numpy()) or 0.0

    def _first(self, margin: Array) -> float | None:
        """Time at which a margin first becomes positive [s], by linear interpolation."""
        after = int(np.argmax(margin >= 0))
        if margin[after] < 0:
            return None
        t = self.table["t [s]"].to_numpy()[after - 1 : after + 1]
        return float(np.interp(0.0, margin[after - 1 : after + 1], t))

    def findings(self) -> Results:
        """Return what the relaxation says: values with their units, None where there is none.

        ``mean_radius`` is that of the hemisphere of the same volume; ``hemisphere`` and
        ``isolated_sphere`` are the closed form for it, in the cell and without an overpotential at
        the active electrode.
        """
        table, radius = self.table, self.radius
        volume = table["volume [m3]"].to_numpy()
        gone = table["released [m3]"].to_numpy() + table["cut [m3]"].to_numpy()
        return {
            "compliance": (self.compliance, "A"),
            "mean_radius": (radius, "m"),
            "t_open": (self.opened, "s"),
            "t_dissolved": (self.dissolved, "s"),
            "hemisphere": (self.law.lifetime(radius), "s"),
            "isolated_sphere": (replace(self.law, flat_area=inf).lifetime(radius), "s"),
            "cut": (float(table["cut [m3]"].iloc[-1] / volume[0]), ""),
            "volume_imbalance": (float(np.abs(volume + gone - volume[0]).max() / volume[0]), ""),
            "largest_ion_drop": (float(table["ion_drop [V]"].max()), "V"),
        }


def scaling(histories: Sequence[History]) -> Results:
    """Return how the lifetimes depend on the mean radius, beside the closed form and Herring's law.

    Exponents are least-squares slopes over all filaments. Herring's law, lifetime to the fourth
    power of the radius, is that of diffusion along the surface, which is not modelled.
    """
    radius = np.array([history.radius for history in histories])
    lives = np.array([history.dissolved for history in histories])
    opened = [history.opened for history in histories]
    closed = [history.law.lifetime(history.radius) for history in histories]
    widening = float(radius.max() / radius.min())
    return {
        "exponent": (exponent(radius, lives), ""),
        "exponent_open": (None if None in opened else exponent(radius, np.array(opened)), ""),
        "exponent_hemisphere": (exponent(radius, np.array(closed)), ""),
        "radius_ratio": (widening, ""),
        "lifetime_ratio": (float(lives.max() / lives.min()), ""),
        "herring_ratio": (widening**4, ""),
        "shortest": (float(lives.min()), "s"),
        "longest": (float(lives.max()), "s"),
    }


def exponent(radius: Array, lifetime: Array) -> float:
    """Least-squares power of a radius by which a lifetime grows."""
    return float(np.polyfit(np.log(radius), np.log(lifetime.astype(float)), 1)[0])


def follow(run: Run, overrides: Sequence[str] = ()) -> History:
    """Relax the last outline of a run at the ambient temperature.

    Raises
    ------
    InputError
        If the run is of another case, has no filament or no surface energy.
    RunError
        If the outline cannot be followed.
    """
    if not is_case(run.config, "cell"):
        raise InputError(f"{run.path}: is no metallization cell; give the folder of a SET")
    config = load_config(run.path / "config.resolved.toml", overrides, Config)
    energy, cell = config.filament.surface_energy, config.cell()
    if energy is None:
        raise InputError(
            f"{run.path}: filament.surface_energy is missing: give one, "
            "--set 'filament.surface_energy=1.79 J/m2'"
        )
    outline = Outline(read_outlines(run)[-1] * 1e-9)
    if outline.tip_height <= _DISSOLVED:
        raise InputError(f"{run.path}: ends without a filament higher than 0.5 nm; give a SET")
    model = cell.model
    area = np.pi * cell.stack.radius**2
    law = Relaxation(model.kinetics, model.deposit, float(energy), model.ambient, area)

    def speed(curvature: Array, surface: Array, r: Array, z: Array) -> Array:
        return law.speed(curvature, surface, model.barrier(r, z - cell.stack.oxide))

    try:
        states = list(relax(outline, speed, _DISSOLVED, cell.dissolution.nucleus))
    except RunError as error:
        raise RunError(f"{run.path}: {error}") from None
    outlines = [state.outline.points * 1e9 for state in states]
    return History(run.si("compliance", "current"), _table(states, cell), outlines, law)


def _table(states: Sequence[Relaxed], cell: Cell) -> pd.DataFrame:
    shapes = [cell.shape(state.outline) for state in states]
    t, released, cut = (
        np.array([getattr(state, name) for state in states]) for name in ("t", "released", "cut")
    )
    volume, height = (
        np.array([getattr(shape.outline, name) for shape in shapes])
        for name in ("volume", "tip_height")
    )
    radius = np.array([shape.outline.radius for shape in shapes])
    resistance = [_tunnel_resistance(shape, cell) for shape in shapes]
    return pd.DataFrame(
        {
            "t [s]": t,
            "height [m]": height,
            "gap [m]": [shape.gaps.min() for shape in shapes],
            "radius [m]": radius,
            "mean_radius [m]": np.cbrt(1.5 * volume / np.pi),
            "waist [m]": [_waist(shape.outline) for shape in shapes],
            "volume [m3]": volume,
            "released [m3]": released,
            "cut [m3]": cut,
            "R_tunnel [ohm]": resistance,
            "ion_drop [V]": _ion_drop(t, released, radius, cell),
        }
    )


def _tunnel_resistance(shape: Shape, cell: Cell) -> float:
    """Resistance of the gap [ohm], infinite if it is so wide that nothing is left of its law."""
    with np.errstate(divide="ignore"):
        conductance = cell.model.tunnel.conductance(shape.gaps)
        return float(1 / (shape.outline.ring_areas @ conductance))


def _waist(outline: Outline) -> float:
    """Smallest radius of the lower half [m]."""
    return float(outline.r[outline.z <= outline.tip_height / 2].min())


def _ion_drop(t: Array, released: Array, radius: Array, cell: Cell) -> Array:
    """Voltage that the ions need to spread from a hemisphere of a radius [V].

    The law of relaxation leaves it out: it must be small against the thermal voltage.
    """
    model = cell.model
    current = np.diff(released) / np.diff(t) / model.deposit.volume_per_charge
    spreading = 2 * np.pi * float(model.hopping.low_field(model.ambient)) * radius
    return np.concatenate((current[:1], current)) / spreading

"""TOML files of steady and transient films; nothing that solves or meshes is loaded with them."""

from typing import Annotated, Literal

from pydantic import Field

from mitmodels.cases.config import dimensions as dim
from mitmodels.cases.config.circuit import OscillationSection
from mitmodels.cases.config.quantity import Dimension, Quantity
from mitmodels.cases.config.section import Ambient, Section
from mitmodels.cases.film.sections import FilmExperiment, FilmOutput
from mitmodels.cases.film.small_signal.sections import Critical, ImpedanceAt
from mitmodels.magnetism.kerr_state import SPACING

SheetHeatCapacity = Annotated[
    Quantity, Dimension("a heat capacity per area", "J/(m2 K)", "0.25 J/(m2 K)", above=0)
]

Spot = Annotated[Quantity, Dimension("a laser spot", "m", "5 um", least=2 * SPACING)]


class HeatCapacity(Section):
    """Of the film, of the half-space, and of the pads times their thickness."""

    film: dim.VolumetricHeatCapacity
    substrate: dim.VolumetricHeatCapacity | None = None
    pads: SheetHeatCapacity | None = None


class Limits(Section):
    """What ends the run in order: the voltage at the device, and the hottest spot."""

    voltage: dim.PositiveVoltage | None = None
    temperature: dim.Temperature | None = None


class Numerics(Section):
    """Error allowed per step, in kelvin and as a fraction of the heating, and steps per line.

    ``circuit_error`` is that of the voltage of a capacitance and the current of an inductance, as
    fractions of them and of typical ones. ``parts`` is the number of steps at least between two
    corners of the drive.
    """

    error: dim.TemperatureDifference = Quantity(0.02, "K", "0.02 K", "default")
    relative_error: dim.PositiveRatio = Quantity(2e-4, "", "2e-4", "default")
    circuit_error: dim.PositiveRatio = Quantity(5e-9, "", "5e-9", "default")
    parts: int = Field(default=20, ge=1)


class AmbientWithHistory(Ambient):
    """Temperature far away, and what it was before.

    Slowly and without a bias, a film that was cold is taken to each temperature of its ``history``
    and then to ``temperature``, where the protocol begins; its resistance on the way is in
    ``resistance.csv``.
    """

    history: tuple[dim.Temperature, ...] = Field(default=(), max_length=1000)


class TransientConfig(FilmExperiment):
    """The TOML file of this case."""

    case: Literal["film_transient", "lsmo_transient"]
    ambient: AmbientWithHistory
    heat_capacity: HeatCapacity
    oscillation: OscillationSection | None = None
    limits: Limits = Field(default_factory=Limits)
    numerics: Numerics = Field(default_factory=Numerics)


class StatesAt(Section):
    """Source voltages: every stable state at each of them."""

    V_source: tuple[dim.Voltage, ...] = ()


class BranchNumerics(Section):
    """How the branch is followed.

    ``largest`` is the largest step, in units of 100 K of the film or of the drive that heats the
    cold film by as much. A branch of so many ``points`` or ``folds`` wanders and ends in order.
    """

    largest: dim.PositiveRatio = Quantity(1.0, "", "1", "default")
    points: int = Field(default=1000, ge=10, le=100_000)
    folds: int = Field(default=30, ge=2, le=10_000)


class SteadyOutput(FilmOutput):
    """What is stored besides the tables: fields, gains of small perturbations, impedance.

    ``fields_at`` has values of observed quantities: every stable state with one of them is stored.
    ``check_stability`` compares the folds with the slowest perturbation in the middle of each part
    of the branch, which above 6000 nodes of film and pads takes longer than the branch itself. With
    a ``kerr_spot`` the summary has what `mitmodels moke` reads through a laser spot of that size.
    """

    stability_at: StatesAt = Field(default_factory=StatesAt)
    kerr_spot: Spot | None = None
    check_stability: bool = True
    impedance_at: ImpedanceAt = Field(default_factory=ImpedanceAt)
    critical: Critical = Field(default_factory=Critical)

    @property
    def follows_heat(self) -> bool:
        """Whether it asks for what depends on the heat that film and substrate store."""
        return bool(any(self.impedance_at.states.values()) or self.critical.elements)


class SteadyConfig(FilmExperiment):
    """The TOML file of this case."""

    case: Literal["film_iv", "lsmo_iv"]
    heat_capacity: HeatCapacity | None = None
    numerics: BranchNumerics = Field(default_factory=BranchNumerics)
    output: SteadyOutput

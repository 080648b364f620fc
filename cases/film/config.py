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
    Quantity, dim.positive("a heat capacity per area", "J/(m2 K)", "0.25 J/(m2 K)", 1e-5, 100)
]

Spot = Annotated[
    Quantity, Dimension("a laser spot", "m", "5 um", least=2 * SPACING, usual=(5e-7, 1e-4))
]


class HeatCapacity(Section):
    """Heat that film, half-space and pads store."""

    film: dim.VolumetricHeatCapacity
    """Heat capacity of the film per volume, rho c_p."""
    substrate: dim.VolumetricHeatCapacity | None = None
    """Heat capacity of the half-space per volume: all times of switching scale with it."""
    pads: SheetHeatCapacity | None = None
    """Heat capacity of a pad per volume times its thickness."""


class Limits(Section):
    """What ends the run in order: the voltage at the device, and the hottest spot."""

    voltage: dim.PositiveVoltage | None = Field(default=None, examples=["60 V"])
    """Voltage at the device above which the run ends in order, none if it is left out."""
    temperature: dim.Temperature | None = None
    """Temperature of the hottest spot above which the run ends in order, none if it is left out."""


class Numerics(Section):
    """How exactly time is resolved: errors allowed per step, and steps at least."""

    error: dim.TemperatureDifference = Quantity(0.02, "K", "0.02 K", "default")
    """Error of the temperature allowed per step, in addition to that of `relative_error`."""
    relative_error: dim.PositiveRatio = Quantity(2e-4, "", "2e-4", "default")
    """Error of the temperature allowed per step, as a fraction of the heating of the place,
    mostly 1e-5 to 1e-2."""
    circuit_error: dim.PositiveRatio = Quantity(5e-9, "", "5e-9", "default")
    """Error of a capacitance's voltage and an inductance's current allowed per step, as a fraction
    of them and of the largest drive; 1e-5 gives periods within 1e-3 in a tenth of the steps."""
    parts: int = Field(default=20, ge=1)
    """Number of steps at least between two corners of the drive."""


class AmbientWithHistory(Ambient):
    """Temperature far away, and what it was before."""

    history: tuple[dim.Temperature, ...] = Field(default=(), max_length=1000)
    """Temperatures to which a film that was cold is slowly taken without a bias, one after the
    other, before the protocol begins at `temperature`; its resistance on the way is in
    `resistance.csv`."""


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
    """Voltages of the source: the gains of perturbations are computed of every stable state at
    each."""


class BranchNumerics(Section):
    """How the branch is followed, and where it ends in order if it wanders."""

    largest: dim.PositiveRatio = Quantity(1.0, "", "1", "default")
    """Longest step along the branch, in units of 100 K of the film or of the drive that heats the
    cold film by as much, mostly 0.1 to 1."""
    points: int = Field(default=1000, ge=10, le=100_000)
    """Points of the branch after which it ends in order."""
    folds: int = Field(default=30, ge=2, le=10_000)
    """Folds of the branch after which it ends in order."""


class SteadyOutput(FilmOutput):
    """What is stored besides the tables: fields, gains of small perturbations, impedance."""

    stability_at: StatesAt = Field(default_factory=StatesAt)
    kerr_spot: Spot | None = None
    """Full width at half maximum of the laser spot through which the summary reads the barrier
    as `mitmodels moke` does; without it the summary does not."""
    check_stability: bool = True
    """Whether the folds are compared with the slowest perturbation in the middle of each part of
    the branch, which above 6000 nodes takes longer than the branch."""
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
    output: SteadyOutput = Field(default_factory=SteadyOutput)

"""TOML file of a metallization cell; nothing that solves or meshes is loaded with it."""

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from mitmodels.cases.cell.electrolyte import (
    Barrier,
    GrowthSection,
    Heat,
    HeatCapacity,
    Hopping,
    Kinetics,
    Oxide,
    Void,
)
from mitmodels.cases.cell.metals import Conductor, Filament, Metal
from mitmodels.cases.cell.nucleation import Nucleation
from mitmodels.cases.cell.tunnel import Tunnel, electronvolts
from mitmodels.cases.config import dimensions as dim
from mitmodels.cases.config.circuit import Circuit, OscillationSection
from mitmodels.cases.config.materials import Material
from mitmodels.cases.config.observed import ValuesAt
from mitmodels.cases.config.protocol import ProtocolEntries
from mitmodels.cases.config.quantity import Dimension, Quantity
from mitmodels.cases.config.section import CaseConfig, RecordedOutput, Section
from mitmodels.cell import metals
from mitmodels.cell.electrochemistry import ButlerVolmer, Deposit, GrowthBarrier, HoppingConductor
from mitmodels.cell.model import CellModel
from mitmodels.cell.observables import CELL, CELL_IN_CIRCUIT
from mitmodels.drive.observable import Observables

if TYPE_CHECKING:
    from mitmodels.solvers.cell.heun import StepControl
    from mitmodels.solvers.cell.meshed_cell import Cell, MeshControl

Refinement = Annotated[Quantity, Dimension("a factor of refinement", "", "2", least=0.2, most=20)]
Rounding = Annotated[Quantity, Dimension("a length", "m", "0.02 nm", least=0, most=1e-9)]


class Geometry(Section):
    """The cell, a cylinder of three layers."""

    radius: dim.Length
    """Radius of the axisymmetric cell: the area of the active electrode, whose ions feed the
    filament."""
    oxide: dim.Thickness
    """Thickness L of the electrolyte between both electrodes: the way of the filament."""
    counter: dim.Thickness
    """Thickness of the counter electrode, on which the filament grows; below it heat leaves the
    cell."""
    active: dim.Thickness
    """Thickness of the active electrode, which dissolves; above it heat leaves the cell."""

    @model_validator(mode="before")
    @classmethod
    def _has_no_mesh(cls, data: Any) -> Any:
        if isinstance(data, dict) and "mesh" in data:
            raise ValueError(
                "mesh cannot be one's own: that of a growing filament moves and is made anew; "
                "remove it"
            )
        return data


class Numerics(Section):
    """How finely time and space are resolved."""

    time: Refinement = Field(default=Quantity(1.0, "", "1", "default"), examples=[2])
    """Factor by which time steps are shorter than the default; tolerances are tighter by its
    square."""
    mesh: Refinement = Field(default=Quantity(1.0, "", "1", "default"), examples=[2])
    """Factor by which the nodes are closer than by default."""
    degree: int = Field(default=1, ge=1, le=2)
    """Degree of the finite elements of potential and temperature: 1 linear, 2 quadratic."""
    longest: dim.Duration | None = Field(default=None, examples=["1 ms"])
    """Longest time step, beyond what the drive asks for (50 mV along a ramp, a fifth of a
    plateau)."""
    rounding: Rounding = Quantity(0.02e-9, "m", "0.02 nm", "default")
    """Length l by which a receding surface of curvature K is faster by l (K - its mean), which
    keeps it from getting sharp edges; 0 leaves it as it is."""

    def steps(self) -> "StepControl":
        """Return the control of the time step."""
        from mitmodels.solvers.cell.heun import StepControl

        longest = math.inf if self.longest is None else float(self.longest)
        coarse = StepControl(longest=longest, rounding=float(self.rounding))
        return coarse.refined(float(self.time))

    def control(self) -> "MeshControl":
        """Return the control of the mesh."""
        from mitmodels.solvers.cell.meshed_cell import MeshControl

        spacing = MeshControl().spacing.refined(float(self.mesh))
        return MeshControl(spacing=spacing, degree=self.degree)


def shown_in(config: "CellConfig") -> Observables[Any]:
    """Return what a cell shows in its circuit, which may have a state of its own."""
    return CELL_IN_CIRCUIT if config.circuit.series.stores else CELL


class CellConfig(CaseConfig):
    """All of a cell."""

    geometry: Geometry
    void: Void
    kinetics: Kinetics
    hopping: Hopping
    barrier: Barrier
    tunnel: Tunnel
    filament: Filament
    counter: Metal
    heat: Heat
    heat_capacity: HeatCapacity | None = None
    nucleation: Nucleation | None = None
    growth: GrowthSection = Field(default_factory=GrowthSection)
    oxide: Oxide = Field(default_factory=Oxide)
    circuit: Circuit = Field(default_factory=Circuit)
    numerics: Numerics = Field(default_factory=Numerics)

    def cell(self) -> "Cell":
        """Return the cell in SI.

        Raises
        ------
        ValueError
            If the nucleus or the electrode's recess does not fit.
        """
        from mitmodels.meshes.ecm_stack import EcmStack
        from mitmodels.solvers.cell.electrode import Dissolution
        from mitmodels.solvers.cell.meshed_cell import Cell

        layers = {name: float(value) for name, value in self.geometry}
        dissolution = Dissolution(**{name: float(value) for name, value in self.void})
        stack, section = EcmStack(**layers), self.nucleation
        nucleation = None if section is None else section.law(self.kinetics.charge_number)
        return Cell(self._model(self.oxide.conductance(stack)), stack, dissolution, nucleation)

    def _model(self, leakage: float) -> CellModel:
        filament, heat = self.filament, self.filament.thermal_conductivity
        return CellModel(
            kinetics=ButlerVolmer(**_numbers(self.kinetics)),
            hopping=HoppingConductor(
                **_numbers(self.hopping, distance="hop_distance"),
                charge_number=self.kinetics.charge_number,
            ),
            barrier=GrowthBarrier(**_numbers(self.barrier)),
            deposit=Deposit(filament.molar_mass, filament.density, self.kinetics.charge_number),
            tunnel=self.tunnel.barrier(),
            filament_heat_fraction=self.tunnel.filament_fraction,
            tunnel_heating=self.tunnel.heating,
            wire=metals.ThinWire(filament.mean_free_path, filament.specularity),
            filament_conductivity=self._electrical(filament),
            counter_conductivity=self._electrical(self.counter),
            metal_heat=None if isinstance(heat, str) else metals.Conductivity(heat),
            counter_heat=metals.Conductivity(self.counter.thermal_conductivity),
            oxide_heat=metals.Conductivity(self.heat.oxide),
            circuit=self.circuit.series,
            melting=float(filament.melting),
            ambient=float(self.heat.ambient),
            leakage=leakage,
            surface_energy=float(self.growth.surface_energy),
        )

    def _electrical(self, metal: Conductor) -> metals.Conductivity:
        return metals.Conductivity(
            metal.conductivity,
            metal.temperature_coefficient,
            reference_temperature=float(self.heat.ambient),
        )


class CellOutput(RecordedOutput):
    """What is stored besides the tables."""

    fields_at: ValuesAt = Field(default_factory=dict)
    """Values of observed quantities at whose first crossing in each step the fields are stored."""


class Config(CellConfig):
    """The TOML file of this case."""

    case: Literal["cell", "ecm_set"]
    protocol: ProtocolEntries
    oscillation: OscillationSection | None = None
    output: CellOutput = Field(default_factory=CellOutput)


def _numbers(section: Material, **names: str) -> dict[str, Any]:
    """Values of a section by their names in its law, whose energies are in electronvolts."""
    return {
        names.get(key, key): electronvolts(value) if getattr(value, "unit", "") == "J" else value
        for key, value in section
        if key not in Material.model_fields
    }

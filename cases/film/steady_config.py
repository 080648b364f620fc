"""A steady experiment on a film: its TOML file, and what must hold before anything is solved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from mpi4py import MPI

import numpy as np
from pydantic import Field

from mitmodels.cases.config.circuit import Circuit
from mitmodels.cases.config.dimensions import Voltage
from mitmodels.cases.config.protocol import ProtocolEntries, build_protocol
from mitmodels.cases.config.section import Output, Section
from mitmodels.cases.film.device import FilmDevice, build_device
from mitmodels.cases.film.sections import FilmConfig, wall_warning
from mitmodels.drive.protocol import Protocol, Ramp, SingleStep
from mitmodels.drive.until import Until
from mitmodels.errors import InputError
from mitmodels.solvers.film.conditions import Drive
from mitmodels.solvers.film.substrate.surface_operator import DENSE_LIMIT

# Columns of iv.csv: the voltage of the source and what a state shows, in the order of `Reading`.
READINGS = {
    "V_source": "V",
    "V_device": "V",
    "V_film": "V",
    "I": "A",
    "P": "W",
    "T_max": "K",
    "T_center": "K",
    "T_edge": "K",
    "barrier_width": "m",
    "barrier_position": "m",
    "hot_across": "m",
}
OBSERVED = ("V", "I", "T_max")  # what can end a ramp


class StatesAt(Section):
    """Source voltages: every stable state at each of them."""

    V_source: tuple[Voltage, ...] = ()


class SteadyOutput(Output):
    """What is stored besides the tables: fields, and gains of small perturbations.

    ``check_stability`` compares the folds with the slowest perturbation in the middle of each part
    of the branch, which above 6000 nodes of film and pads takes longer than the branch itself.
    """

    fields_at: StatesAt = Field(default_factory=StatesAt)
    stability_at: StatesAt = Field(default_factory=StatesAt)
    check_stability: bool = True


class Config(FilmConfig):
    """The TOML file of this case."""

    case: Literal["film_iv", "lsmo_iv"]
    circuit: Circuit = Field(default_factory=Circuit)
    protocol: ProtocolEntries
    output: SteadyOutput


@dataclass(frozen=True, eq=False)
class Prepared:
    """A checked configuration with its mesh.

    ``unit`` is that of the drive, ``limit`` how far it goes, ``until`` what ends the way there.
    """

    config: Config
    device: FilmDevice
    unit: str
    limit: float
    until: tuple[Until, ...]

    @property
    def load(self) -> float:
        """Load resistor [ohm]."""
        return float(self.config.circuit.load)

    @property
    def series(self) -> float:
        """Resistance between the film and the source [ohm]."""
        return self.device.contact_resistance + self.load

    @property
    def drive(self) -> Drive:
        """What the source controls."""
        return Drive(1.0, self.series) if self.unit == "V" else Drive(0.0, 1.0)

    @property
    def compliance(self) -> float:
        """Current [A] at which the source gives way."""
        return float(self.config.circuit.compliance or np.inf)


def prepare(config: Config, comm: MPI.Comm) -> Prepared:
    """Check what the sections mean together, and mesh.

    Raises
    ------
    InputError
        If the protocol is not a quasi-static sweep from zero, or the sections do not go together.
    """
    protocol = build_protocol(config.protocol)
    config.circuit.check(protocol.drive)
    if config.circuit.compliance_softness:
        raise InputError("circuit.compliance_softness: a film has a sharp limit: remove it")
    low, high = protocol.extremes
    unit = "V" if protocol.drive == "voltage" else "A"
    _check_ramps(protocol)
    if low < 0 or high <= 0:
        raise InputError(
            f"protocol: the ramp to {low if low < 0 else high:g} {unit}: the film is the same for "
            f"both signs, give values from 0 {unit} up"
        )
    for message in _output_faults(config, unit, high):
        raise InputError(message)
    until = next(step.until for step in protocol.unrolled() if high in _ends(step))
    for condition in until:
        if condition.quantity not in OBSERVED:
            raise InputError(
                f"protocol: steady states have no {condition.quantity} to end a ramp: use one of "
                f"{', '.join(OBSERVED)}"
            )
    return Prepared(config, build_device(config, comm), unit, high, until)


def _output_faults(config: Config, unit: str, high: float) -> Iterator[str]:
    """What is wrong with the voltages at which something is stored."""
    output = config.output
    for name, states in (("fields_at", output.fields_at), ("stability_at", output.stability_at)):
        for voltage in states.V_source:
            key = f"output.{name}.V_source = {voltage.given}"
            if unit == "A":
                remedy = "but the protocol drives the current: remove it"
                yield f"{key} needs a source of voltage, {remedy}"
            if not 0 < voltage <= high:
                yield f"{key} is never reached: the protocol goes from 0 V to {high:g} V"
    if output.stability_at.V_source and config.substrate.model == "sheet":
        yield "output.stability_at needs the half-space, whose heat it perturbs: remove it"


def _check_ramps(protocol: Protocol) -> None:
    for step in protocol.unrolled():
        if not isinstance(step, Ramp) or step.rate is not None or step.duration is not None:
            raise InputError(
                "protocol: lsmo_iv follows steady states: give ramps without rate and duration"
            )
        if step.read_at:
            raise InputError(
                "protocol.read_at: every steady state is in iv.csv: use output.fields_at"
            )


def _ends(step: SingleStep) -> tuple[float, ...]:
    return (step.to,) if isinstance(step, Ramp) else ()


def check(prepared: Prepared) -> Mapping[str, str]:
    """Say what would be solved."""
    device, geometry = prepared.device, prepared.config.geometry
    plan = device.plan.mesh.topology.index_map(0).size_global
    is_dense = device.cells and device.nodes <= DENSE_LIMIT
    dense = device.nodes**2 * 8 * 4 / 2**20 if is_dense else 0.0
    report = {
        "film": f"{geometry.length * 1e6:g} x {geometry.width * 1e6:g} um2, "
        f"{geometry.thickness * 1e9:g} nm, {geometry.domain} domain",
        "substrate": prepared.config.substrate.model,
        "drive": f"0 to {prepared.limit:g} {prepared.unit}, quasi-static",
        "nodes": f"{device.nodes} of film and pads, {plan} in all",
        "unknowns": f"{2 * device.nodes}",
        "memory": f"about {300 + dense + plan * 5e-3:.0f} MiB per rank",
    }
    warning = wall_warning(prepared.config)
    return {**report, "warning": warning} if warning else report

"""A steady experiment on a film: its TOML file, and what must hold before anything is solved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mpi4py import MPI

import numpy as np
from pydantic import Field

from mitmodels.cases.config.dimensions import Voltage
from mitmodels.cases.config.observed import ValuesAt, check_observed
from mitmodels.cases.config.protocol import build_protocol
from mitmodels.cases.config.section import Output, Section
from mitmodels.cases.film.device import PreparedFilm, build_device, field_names
from mitmodels.cases.film.sections import FilmExperiment
from mitmodels.drive.observable import Level
from mitmodels.drive.protocol import Protocol, Ramp, SingleStep
from mitmodels.drive.until import Until
from mitmodels.errors import InputError
from mitmodels.film.observables import STEADY_FILM
from mitmodels.solvers.film.substrate.surface_operator import DENSE_LIMIT


class StatesAt(Section):
    """Source voltages: every stable state at each of them."""

    V_source: tuple[Voltage, ...] = ()


class SteadyOutput(Output):
    """What is stored besides the tables: fields, and gains of small perturbations.

    ``fields_at`` has values of observed quantities: every stable state with one of them is stored.
    ``check_stability`` compares the folds with the slowest perturbation in the middle of each part
    of the branch, which above 6000 nodes of film and pads takes longer than the branch itself.
    """

    fields_at: ValuesAt = Field(default_factory=dict)
    stability_at: StatesAt = Field(default_factory=StatesAt)
    check_stability: bool = True


class Config(FilmExperiment):
    """The TOML file of this case."""

    case: Literal["film_iv", "lsmo_iv"]
    output: SteadyOutput


@dataclass(frozen=True, eq=False)
class Prepared(PreparedFilm[Config]):
    """A checked configuration with its mesh.

    ``limit`` is how far the drive goes, ``until`` what ends the way there, ``reads`` the values at
    which states are read besides.
    """

    limit: float
    until: tuple[Until, ...]
    reads: tuple[Level, ...]

    @property
    def compliance(self) -> float:
        """Current [A] at which the source gives way."""
        return float(self.config.circuit.compliance or np.inf)

    @property
    def fields(self) -> dict[str, Level]:
        """Values at which the fields are stored, by how the names of the files begin."""
        return field_names(self.config.output.fields_at)


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
        raise InputError(
            "circuit.compliance_softness is for films in time: at a soft limit only the limiter's "
            "voltage goes on changing, which no steady state of the film shows: remove it"
        )
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
    check_observed(STEADY_FILM, protocol, config.output.fields_at)
    steps = tuple(protocol.unrolled())
    reads = dict.fromkeys(level for step in steps for level in step.read_at)
    until = _conditions(steps, high)
    device = build_device(config, comm)
    return Prepared(config, device, protocol, high, until, tuple(reads))


def _conditions(steps: Sequence[SingleStep], high: float) -> tuple[Until, ...]:
    """Conditions of the first ramp to the highest value, on which the branch is followed."""
    main = next(i for i, step in enumerate(steps) if isinstance(step, Ramp) and step.to == high)
    for i, step in enumerate(steps):
        if step.until and i != main:
            raise InputError(
                f"protocol.{i}.until: the branch of steady states is followed on the ramp to its "
                f"highest value, step {main}: give the conditions there"
            )
    return steps[main].until


def _output_faults(config: Config, unit: str, high: float) -> Iterator[str]:
    """What is wrong with the voltages at which something is stored."""
    output = config.output
    fields = output.fields_at.get("V_source", ()) if unit == "V" else ()
    for name, voltages in (("fields_at", fields), ("stability_at", output.stability_at.V_source)):
        for voltage in voltages:
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


def check(prepared: Prepared) -> Mapping[str, str]:
    """Say what would be solved."""
    device = prepared.device
    plan = device.plan.mesh.topology.index_map(0).size_global
    is_dense = device.cells and device.nodes <= DENSE_LIMIT
    dense = device.nodes**2 * 8 * 4 / 2**20 if is_dense else 0.0
    drive = f"0 to {prepared.limit:g} {prepared.unit}, quasi-static"
    return prepared.report(drive, dense + plan * 5e-3)

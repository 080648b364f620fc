"""Width of the analytic barrier against voltage (Salev et al. 2021, SI 5)."""

from collections.abc import Mapping
from typing import Literal

from mpi4py import MPI

import numpy as np
from pydantic import Field

from mitmodels.cases.config import dimensions as dim
from mitmodels.cases.config.section import Ambient, CaseConfig, Section
from mitmodels.cases.console.progress import Progress
from mitmodels.cases.registry import Case
from mitmodels.errors import InputError
from mitmodels.film.barrier import AnalyticBarrier
from mitmodels.solvers.runs.files import Entry
from mitmodels.solvers.runs.folder import RunFolder

IV = {"V": "V", "narrow": "m", "wide": "m", "barrier_width": "m"}


class Channel(Section):
    """Film between the contacts; the ratio is that of the resistivities less one."""

    length: dim.Length
    """Length L of the film between the contacts."""
    thickness: dim.Length
    """Thickness t of the film, through whose cross-section the barrier loses heat to the metal."""
    resistivity_metal: dim.Resistivity
    """Resistivity rho_M of the metal beside the barrier, to whose root the threshold is
    proportional."""
    resistivity_ratio: dim.PositiveRatio
    """alpha = rho_I/rho_M - 1 of barrier and metal, mostly 1 to 1e4."""
    transition: dim.Temperature
    """Temperature T_c of the whole barrier."""


class Loss(Section):
    """Heat conductance per area of film to the substrate, per cross-section to the metal."""

    substrate: dim.LossCoefficient
    """Heat kappa_s that the barrier loses to the substrate per area of film and kelvin."""
    film: dim.LossCoefficient
    """Heat kappa_f that it loses to the metal at each end, per cross-section of film and kelvin."""


class Range(Section):
    """Voltages from zero."""

    to: dim.PositiveVoltage
    """Highest voltage at which the widths are computed; the first is zero."""
    points: int = Field(ge=2, le=100_000)
    """Number of these voltages."""


class Config(CaseConfig):
    """The TOML file of this case."""

    case: Literal["lsmo_barrier"]
    channel: Channel
    loss: Loss
    ambient: Ambient
    voltage: Range

    def barrier(self) -> AnalyticBarrier:
        """Return the model of SI 5."""
        channel = self.channel
        return AnalyticBarrier(
            resistivity_metal=float(channel.resistivity_metal),
            resistivity_ratio=float(channel.resistivity_ratio),
            length=float(channel.length),
            thickness=float(channel.thickness),
            loss_substrate=float(self.loss.substrate),
            loss_film=float(self.loss.film),
            T_c=float(channel.transition),
            T_0=float(self.ambient.temperature),
        )


def prepare(config: Config, comm: MPI.Comm) -> Config:  # noqa: ARG001
    """Check what the sections mean together.

    Raises
    ------
    InputError
        If the transition is not above the ambient temperature.
    """
    try:
        config.barrier()
    except ValueError as error:
        raise InputError(str(error)) from None
    return config


def check(config: Config) -> Mapping[str, str]:
    """Say what would be computed."""
    d_c, V_th = config.barrier().threshold()
    return {"threshold": f"{V_th:.4g} V, {d_c * 1e6:.4g} um"}


def run(config: Config, folder: RunFolder, progress: Progress) -> None:
    """Write widths and thresholds into the run folder."""
    barrier = config.barrier()
    V = np.linspace(0.0, float(config.voltage.to), config.voltage.points)
    with progress.stage("widths", total=1.0) as stage:
        found = barrier.widths(V)
        stage.update(1.0)
    table = folder.table("iv", IV)
    for row in zip(V, found.narrow, found.wide, found.physical, strict=True):
        table.append(dict(zip(IV, map(float, row), strict=True)))
    thresholds = {"": barrier.threshold(), "_approximate": barrier.threshold_approximate()}
    summary: dict[str, Entry] = {}
    for suffix, (d_c, V_th) in thresholds.items():
        summary |= {f"d_c{suffix}": (float(d_c), "m"), f"V_th{suffix}": (float(V_th), "V")}
    folder.write_summary(summary)


CASE = Case(Config, prepare, check, run)

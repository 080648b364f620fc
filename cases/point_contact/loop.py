"""Hysteresis of a point contact whose gap follows a sinusoidal voltage.

The gap opens and closes by the master equation; current, heat and contact temperatures are those of
the gap at each instant. The letter's tunnelling approximations stand beside the exact results.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from mpi4py import MPI

import numpy as np
from pydantic import Field

from mitmodels.cases.config import dimensions as dim
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.config.section import CaseConfig, Section
from mitmodels.cases.console.progress import Progress
from mitmodels.cases.registry import Case
from mitmodels.checks import FloatArray
from mitmodels.constants import ELECTRON_MASS
from mitmodels.errors import InputError
from mitmodels.point_contact.memory_state import MemoryState
from mitmodels.point_contact.qpc import QuantumPointContact, contact_temperatures
from mitmodels.solvers.runs.folder import RunFolder

Rate = Annotated[Quantity, dim.positive("a rate", "1/s", "0.01 1/s", 1e-12, 1e16)]
ThermalConductance = Annotated[
    Quantity, dim.positive("a thermal conductance", "W/K", "1.3e-5 W/K", 1e-12, 1)
]

IV = {
    "t": "s",
    "V": "V",
    "gap": "m",
    "I": "A",
    "I_tunnelling": "A",
    "P_L": "W",
    "P_R": "W",
    "P_L_tunnelling": "W",
    "P_R_tunnelling": "W",
    "T_L": "K",
    "T_R": "K",
}


class Contact(Section):
    """Constriction: radius, effective mass over the free electron's, temperature of its ends."""

    radius: dim.Length
    """Radius R of the constriction: its barrier is hbar^2 z_0^2/(2 m R^2) high, and the current
    falls with the gap over g_0 = 2 R/(pi z_0)."""
    mass_ratio: dim.PositiveRatio
    """Mass m of the electrons over that of free ones, mostly 0.1 to 1."""
    temperature: dim.Temperature
    """Temperature of the electrons at both ends of the constriction."""


class Memory(Section):
    """Prefactors and voltage scales of the rates, and the bounds of the gap."""

    rate_set: Rate
    """Prefactor omega_0S of the rate omega_0S sinh(V/V_0S) at which the gap closes at V > 0."""
    rate_reset: Rate
    """Prefactor omega_0R of the rate omega_0R sinh(-V/V_0R) at which the gap opens at V < 0."""
    voltage_set: dim.PositiveVoltage
    """Voltage V_0S over which the rate of closing rises by a factor of e."""
    voltage_reset: dim.PositiveVoltage
    """Voltage V_0R over which the rate of opening rises by a factor of e."""
    gap_min: dim.Length
    """Gap g_m when all particles conduct."""
    gap_max: dim.Length
    """Gap g_M when none does, with which the loop begins."""


class Heat(Section):
    """Thermal circuit: from each contact outwards, along the contact, surroundings."""

    outward: ThermalConductance
    """Heat conductance G_N from each contact to the surroundings."""
    along: ThermalConductance
    """Heat conductance G_z between both contacts, along the filament."""
    surroundings: dim.Temperature
    """Temperature T_0 of the surroundings."""


class Sinusoid(Section):
    """Drive; the gap starts wide open at the upward zero."""

    amplitude: dim.PositiveVoltage
    """Amplitude V_m of the voltage V_m sin(2 pi f t)."""
    frequency: dim.Frequency
    """Frequency f of that voltage: in half a period the rates close the gap, in the other they
    open it."""
    periods: int = Field(ge=1, le=1000)
    """Number of periods, from an upward zero on."""
    points_per_period: int = Field(ge=20, le=100_000)
    """Number of instants in each period at which the contact is read."""


class Config(CaseConfig):
    """The TOML file of this case."""

    case: Literal["qpc_loop"]
    contact: Contact
    memory: Memory
    heat: Heat
    sinusoid: Sinusoid

    def memory_state(self) -> MemoryState:
        """Return the rates and bounds of the gap."""
        return MemoryState(**{name: float(value) for name, value in self.memory})

    def point_contact(self, gap: float | FloatArray) -> QuantumPointContact:
        """Return the constriction at a gap [m]."""
        mass = self.contact.mass_ratio * ELECTRON_MASS
        return QuantumPointContact(float(self.contact.radius), gap, mass)


@dataclass(frozen=True, eq=False)
class Loop:
    """Time [s], voltage [V], gap [m], currents [A], powers [W] and temperatures [K], shape (n,).

    Attributes
    ----------
    P_L, P_R : power in the source and in the drain of V > 0, exact
    """

    t: FloatArray
    V: FloatArray
    gap: FloatArray
    I: FloatArray  # noqa: E741
    I_tunnelling: FloatArray
    P_L: FloatArray
    P_R: FloatArray
    P_L_tunnelling: FloatArray
    P_R_tunnelling: FloatArray
    T_L: FloatArray
    T_R: FloatArray


def trace(config: Config) -> Loop:
    """Follow the gap under the sinusoid and read the contact at every instant."""
    drive = config.sinusoid
    samples = drive.periods * drive.points_per_period + 1
    t = np.arange(samples) / (drive.points_per_period * drive.frequency)
    state = config.memory_state()

    def voltage(time: FloatArray | float) -> FloatArray:
        return np.asarray(drive.amplitude * np.sin(2 * np.pi * drive.frequency * time))

    V = voltage(t)
    gap = state.gap(t, lambda time: float(voltage(time)), state.gap_max)
    return _read(config, t, V, gap)


def _read(config: Config, t: FloatArray, V: FloatArray, gap: FloatArray) -> Loop:
    contact, heat, T = config.point_contact(gap), config.heat, float(config.contact.temperature)
    currents = contact.current(V, T), contact.current_tunnelling(V)
    powers = contact.powers(V, T)
    temperatures = contact_temperatures(*powers, heat.outward, heat.along, heat.surroundings)
    return Loop(t, V, gap, *currents, *powers, *contact.powers_tunnelling(V), *temperatures)


def prepare(config: Config, comm: MPI.Comm) -> Config:  # noqa: ARG001
    """Check what the sections mean together.

    Raises
    ------
    InputError
        If the contact or the memory state is impossible.
    """
    try:
        config.memory_state()
        config.point_contact(config.memory.gap_max)
    except ValueError as error:
        raise InputError(str(error)) from None
    return config


def check(config: Config) -> Mapping[str, str]:
    """Say what would be solved."""
    contact = config.point_contact(config.memory.gap_max)
    drive = config.sinusoid
    return {
        "contact": f"radius {contact.radius * 1e9:g} nm, barrier {contact.barrier_height:.3g} eV, "
        f"decay length {contact.g0 * 1e9:.3g} nm",
        "gap": f"{config.memory.gap_min * 1e9:g} to {config.memory.gap_max * 1e9:g} nm",
        "drive": f"{drive.amplitude:g} V at {drive.frequency:g} Hz, {drive.periods} periods",
        "points": f"{drive.periods * drive.points_per_period + 1}",
    }


def run(config: Config, folder: RunFolder, progress: Progress) -> None:
    """Trace the loop and write its table and summary into the run folder."""
    with progress.stage("loop", total=1.0) as stage:
        loop = trace(config)
        stage.update(1.0)
    table = folder.table("iv", IV)
    for i in range(loop.t.size):
        table.append({name: float(getattr(loop, name)[i]) for name in IV})
    drive, carrying = config.sinusoid, loop.V != 0
    excess = loop.I_tunnelling[carrying] / loop.I[carrying]
    periodic = config.memory_state().periodic_state(drive.amplitude, drive.frequency)
    folder.write_summary(
        {
            "gap_at_end": (float(loop.gap[-1]), "m"),
            "gap_periodic": (periodic.gap_start, "m"),
            "contraction_per_period": (periodic.contraction, ""),
            "I_max": (float(np.abs(loop.I).max()), "A"),
            "T_max": (float(np.maximum(loop.T_L, loop.T_R).max()), "K"),
            # Factor by which the printed current exceeds the exact one.
            "tunnelling_excess": (float(np.nanmax(excess)), ""),
        }
    )


CASE = Case(Config, prepare, check, run)

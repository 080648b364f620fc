"""I-V curves of the resistor network of Salev et al. 2021, SI 6, by their iteration or Newton's.

Voltages, currents and resistances are in the paper's arbitrary units.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from mpi4py import MPI

import numpy as np
from pydantic import Field, model_validator

from mitmodels.cases.config.dimensions import (
    PositiveRatio,
    Temperature,
    TemperatureCoefficient,
    positive,
)
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.config.section import CaseConfig, Section
from mitmodels.cases.console.progress import Progress
from mitmodels.cases.registry import Case
from mitmodels.checks import FloatArray
from mitmodels.errors import InputError, RunError
from mitmodels.network.branch import follow
from mitmodels.network.network import NetworkState, ResistorNetwork
from mitmodels.network.resistance import ArmResistance
from mitmodels.solvers.runs.folder import RunFolder

Steepness = Annotated[
    Quantity, positive("a number per square kelvin", "1/K2", "1.2e-4 1/K2", 1e-8, 1)
]

_MOST_LEVELS = 1e5  # of each temperature; the paper's curves have some dozens
_COLD_COLUMNS = 4  # beside the contacts; a barrier of all others fills the network

IV = {
    "T_substrate": "K",
    "V": "1",
    "I": "1",
    "P": "1",
    "T_max": "K",
    "T_center": "K",
    "T_quarter": "K",
    "T_edge": "K",
    "barrier_cells": "1",
}
PROFILES = {"V": "1", "cell": "1", "T": "K"}
RESISTANCE = {"T": "K", "R": "1"}


class Network(Section):
    """Cells along and across the current; equal rows need not be calculated all."""

    columns: int = Field(ge=2, le=10_000)
    """Number of cells along the current."""
    rows: int = Field(ge=1, le=10_000)
    """Number of cells across the current."""
    calculated_rows: int = Field(ge=1, le=10_000)
    """Rows that are calculated, a divisor of `rows`; the others are alike, and one is enough
    without noise."""
    method: Literal["relaxation", "newton"] = "relaxation"
    """The paper's iteration in time, or Newton's method between the jumps."""


class Arm(Section):
    """Resistance of an arm against temperature."""

    scale: PositiveRatio
    """R_0 of an arm's resistance R_0/m exp(a T) (1 + (m - 1) f), in the paper's unit."""
    ratio: PositiveRatio
    """m, by which the insulating branch is above the metallic one."""
    slope: TemperatureCoefficient
    """a, by which both branches rise with the temperature."""
    slope_ends: Temperature
    """Temperature above which they rise no more."""
    steepness: Steepness
    """lambda of the transition, f = 1/(1 + exp(-lambda (T^2 - T_c^2)))."""
    transition: Temperature
    """Temperature T_c of the transition, where f = 1/2."""


class Heat(Section):
    """Capacity of a cell, conductance to the substrate and to each neighbour."""

    capacity: PositiveRatio
    """Heat capacity C_V of a cell in the paper's units; the steady states do not depend on it, a
    larger one shortens the steps."""
    conductance: PositiveRatio
    """Heat conductance k_h to the substrate and to each neighbour, in the paper's units."""


class Surroundings(Section):
    """Temperatures of substrate and contacts, each with a curve of its own."""

    temperatures: tuple[Temperature, ...] = Field(min_length=1)
    """Temperatures of substrate and contacts, of each of which a curve is computed."""
    shown: Temperature
    """One of these temperatures, whose local temperatures are stored and drawn."""


class Voltages(Section):
    """Applied one after the other, each from the state before."""

    fine: PositiveRatio
    """Step of the voltage up to `fine_to`, in the paper's unit."""
    fine_to: PositiveRatio
    """Voltage where the fine steps end."""
    coarse: PositiveRatio
    """Step of the voltage from there on."""
    to: PositiveRatio
    """Highest voltage; a curve ends before where nearly all columns are hot."""

    @model_validator(mode="after")
    def _are_levels(self) -> Self:
        fine, fine_to, coarse, to = (float(value) for _, value in self)
        if not fine <= fine_to <= to:
            raise ValueError(
                f"fine = {fine:g}, fine_to = {fine_to:g} and to = {to:g} must not fall in this "
                "order: give others"
            )
        if (count := fine_to / fine + (to - fine_to) / coarse) > _MOST_LEVELS:
            raise ValueError(
                f"fine and coarse make {count:.3g} voltages, at most {_MOST_LEVELS:g} are "
                "possible: give longer steps"
            )
        return self

    def levels(self) -> FloatArray:
        """Return all of them in order."""
        fine = np.arange(1, round(self.fine_to / self.fine) + 1) * float(self.fine)
        rest = np.arange(1, np.floor((self.to - fine[-1]) / self.coarse) + 1) * float(self.coarse)
        return np.concatenate([fine, fine[-1] + rest])


class Config(CaseConfig):
    """The TOML file of this case."""

    case: Literal["lsmo_network"]
    network: Network
    arm: Arm
    heat: Heat
    ambient: Surroundings
    voltages: Voltages


@dataclass(frozen=True)
class Prepared:
    """A checked configuration with one network per temperature."""

    config: Config
    networks: tuple[ResistorNetwork, ...]


def prepare(config: Config, comm: MPI.Comm) -> Prepared:  # noqa: ARG001
    """Check what the sections mean together.

    Raises
    ------
    InputError
        If a parameter is impossible or no curve is shown.
    """
    if float(config.ambient.shown) not in map(float, config.ambient.temperatures):
        raise InputError(
            f"ambient.shown = {config.ambient.shown.given} is none of ambient.temperatures: add it"
        )
    if config.network.rows % config.network.calculated_rows:
        raise InputError(
            f"network.calculated_rows = {config.network.calculated_rows} is no divisor of "
            f"network.rows = {config.network.rows}: give one"
        )
    try:
        arm = ArmResistance(*(float(value) for _, value in config.arm))
        networks = tuple(
            ResistorNetwork(
                T_substrate=float(T),
                columns=config.network.columns,
                rows=config.network.calculated_rows,
                arm=arm,
                heat_capacity=float(config.heat.capacity),
                heat_conductance=float(config.heat.conductance),
            )
            for T in config.ambient.temperatures
        )
    except ValueError as error:
        raise InputError(str(error)) from None
    return Prepared(config, networks)


def check(prepared: Prepared) -> Mapping[str, str]:
    """Say what would be solved."""
    network, count = prepared.config.network, prepared.config.voltages.levels().size
    return {
        "network": f"{network.columns} x {network.rows} cells, {network.calculated_rows} rows "
        "calculated",
        "curves": f"{len(prepared.networks)} of at most {count} voltages",
    }


def run(prepared: Prepared, folder: RunFolder, progress: Progress) -> None:
    """Solve the networks at every voltage and write tables and summary into the run folder.

    A sweep ends when all but four columns are above the transition.

    Raises
    ------
    RunError
        If the iteration does not settle at a voltage; the rows before are on disk.
    """
    config = prepared.config
    iv, profiles = folder.table("iv", IV), folder.table("profiles", PROFILES)
    summary: dict[str, tuple[float, str]] = {}
    with progress.stage("curves", total=float(len(prepared.networks))) as stage:
        for i, network in enumerate(prepared.networks):
            rows = []
            for state in _states(network, config):
                rows.append(_row(network, state, config.network.rows))
                iv.append(rows[-1])
                if network.T_substrate == float(config.ambient.shown):
                    for cell, T in enumerate(state.T[:, 0], start=1):
                        profiles.append({"V": state.voltage, "cell": cell, "T": float(T)})
                if rows[-1]["barrier_cells"] >= network.columns - _COLD_COLUMNS:
                    break
            summary |= _figures(network, rows)
            stage.update(i + 1.0, f"{network.T_substrate:g} K")
    _write_resistance(prepared.networks[0], config.network.rows, folder)
    folder.write_summary(summary)


def _states(network: ResistorNetwork, config: Config) -> Iterator[NetworkState]:
    """Solve a network at one voltage after the other."""
    levels = config.voltages.levels()
    try:
        if config.network.method == "newton":
            yield from follow(network, levels)
        else:
            yield from network.sweep(levels)
    except RuntimeError as error:
        reason = str(error).partition(":")[0]
        raise RunError(
            f"ambient.temperatures, {network.T_substrate:g} K: {reason}: give a larger "
            "heat.capacity, which shortens the steps and leaves the steady states as they are"
        ) from error


def _row(network: ResistorNetwork, state: NetworkState, rows: int) -> dict[str, float]:
    line, columns = state.T[:, 0], network.columns
    current = state.current * rows / network.rows
    return {
        "T_substrate": network.T_substrate,
        "V": state.voltage,
        "I": current,
        "P": state.voltage * current,
        "T_max": float(state.T.max()),
        "T_center": float(line[columns // 2]),
        "T_quarter": float(line[columns // 4]),
        "T_edge": float(line[0]),
        "barrier_cells": float(network.barrier_width(state.T)[0]),
    }


def _figures(
    network: ResistorNetwork, rows: list[dict[str, float]]
) -> dict[str, tuple[float, str]]:
    """Key figures of one curve; no maximum where the current rises throughout."""
    current = np.array([row["I"] for row in rows])
    width = np.array([row["barrier_cells"] for row in rows])
    name = f"at_{network.T_substrate:g}K"
    found: dict[str, tuple[float, str]] = {}
    if np.any(np.diff(current) < 0):
        top = int(np.argmax(np.diff(current) < 0))
        found |= {
            f"I_max_{name}": (rows[top]["I"], ""),
            f"V_at_I_max_{name}": (rows[top]["V"], ""),
            f"P_switch_{name}": (rows[top]["P"], ""),
        }
    if width.any():
        first = int(np.argmax(width > 0))
        found |= {
            f"V_nucleation_{name}": (rows[first]["V"], ""),
            f"cells_at_nucleation_{name}": (rows[first]["barrier_cells"], ""),
        }
        if width[-1] >= network.columns - _COLD_COLUMNS:
            ratio = rows[-1]["V"] / rows[first]["V"]
            found[f"V_full_over_nucleation_{name}"] = (ratio, "")
    return found


def _write_resistance(network: ResistorNetwork, rows: int, folder: RunFolder) -> None:
    """Resistance of the evenly warm network; rows that are not calculated lie in parallel."""
    table, shape = folder.table("resistance", RESISTANCE), (network.columns, network.rows)
    for T in np.arange(50.0, 421.0, 2.0):
        R = network.resistance(np.full(shape, T)) * network.rows / rows
        table.append({"T": float(T), "R": R})


CASE = Case(Config, prepare, check, run)

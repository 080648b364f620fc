"""Compact model of a steady film run: its tables, its thermal ladder and what it is of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mitmodels.cases.compact.film.checks import check_film
from mitmodels.cases.compact.film.circuits import sweep
from mitmodels.cases.compact.film.figures import draw
from mitmodels.cases.compact.film.runs import check_same
from mitmodels.cases.compact.film.states import (
    BranchStates,
    between,
    folds,
    ladder,
    points_of,
    prepared_run,
)
from mitmodels.cases.compact.model_folder import Verification
from mitmodels.cases.film.steady_config import Prepared
from mitmodels.circuit import SeriesCircuit
from mitmodels.compact import verilog_a
from mitmodels.compact.film import HOTTEST, FilmModel, bench, module, subcircuit
from mitmodels.compact.ladder import Ladder
from mitmodels.compact.presets import volatile_presets
from mitmodels.compact.table import Curve, Table
from mitmodels.compact.volatile import volatile_switch
from mitmodels.solvers.runs.files import json_text
from mitmodels.solvers.runs.reading import Run

STAGES = 8
_AMPLITUDES, _ABOVE = 8, 1.05  # of pulses that switch, and of the first over the threshold at rest
_ERROR = 1e-3  # of conductance and thermal resistance between the rows of the table
_WARMED = 1e-3  # of the largest rise, below which P and T - T_0 are too small to be divided
_WEIGHT = 0.01  # error of a weight there


@dataclass(frozen=True, eq=False)
class FilmExport:
    """A film's compact model and what it was made from.

    Attributes
    ----------
    model : FilmModel
    run : Run
    states : BranchStates
        Of the branch, which the model's steady states are compared with.
    ladder : Ladder
    prepared : Prepared
        Configuration of the run.
    """

    model: FilmModel
    run: Run
    states: BranchStates
    ladder: Ladder
    prepared: Prepared

    @property
    def device(self) -> str:
        """Name of the subcircuit."""
        return "film"

    @property
    def by_voltage(self) -> bool:
        """Whether the run's source imposes the voltage."""
        return self.prepared.protocol.drive == "voltage"

    @property
    def hot(self) -> float:
        """Temperature above which the film counts as switched [K]."""
        return float(self.prepared.config.film.barrier_temperature)

    @property
    def switched(self) -> float | None:
        """Position from which on the film counts as switched [K]; None if it is always cold."""
        hot = np.flatnonzero(self.states.hottest > self.hot)
        if not hot.size:
            return None
        pair = slice(max(int(hot[0]) - 1, 0), int(hot[0]) + 1)
        return float(np.interp(self.hot, self.states.hottest[pair], self.states.position[pair]))

    @cached_property
    def pulses(self) -> Table | None:
        """Pulses that switch the film; None if none does."""
        drive, hot = self.states.drive(self.model.contact, self.by_voltage), self.switched
        if hot is None:
            return None
        first = _ABOVE * float(drive[self.states.position <= hot].max())
        amplitudes = np.geomspace(first, float(drive.max()), _AMPLITUDES)
        if first >= amplitudes[-1]:
            return None
        return volatile_switch(self.model, amplitudes, self.by_voltage, hot)

    @property
    def tables(self) -> Mapping[str, Table]:
        """The table of the model, and that of a volatile switch if pulses switch the film."""
        return {"film": self.model.table} | ({"volatile": self.pulses} if self.pulses else {})

    @property
    def limits(self) -> Sequence[str]:
        """What the model does not know."""
        stages = len(self.model.times)
        ladder = (
            f"a ladder of {stages} stages errs by up to {self.ladder.error:.2g} of the impedance"
        )
        path = [
            "the hottest temperature falls along the branch: its states are told apart by the "
            "length of its path, and a wide filament that is heated or cools faster than it "
            "spreads is another one in the field solution"
        ]
        return [
            "one heat pattern belongs to each hottest temperature, that of the steady state: in "
            "fast pulses the film has others, and cooling is known within a factor of two",
            f"the tables are those of {self.model.ambient:g} K around: another ambient, by the "
            "parameter or the pin, moves the temperature but not the pattern of the heat",
            "beyond the ends of the tables conductance and thermal resistance are constant",
            f"{ladder} at rest" if stages > 1 else "all of the film cools with one time",
            *(path if self.model.hottest else []),
        ]

    @property
    def ranges(self) -> Mapping[str, tuple[float, float]]:
        """Within what the tables were made."""
        states, model = self.states, self.model
        return {
            model.table.x_name: model.table.range,
            "V_device [V]": (0.0, float(states.drive(model.contact, by_voltage=True).max())),
            "I [A]": (0.0, float(states.current.max())),
            "times of the ladder [s]": (model.times[0], model.times[-1]),
        }

    def texts(self, header: str) -> Mapping[str, str]:
        """Subcircuit, module, a bench; presets of array simulators if pulses switch it."""
        drive = self.states.drive(self.model.contact, self.by_voltage)
        swept = sweep(self.model, float(drive.max()), self.by_voltage, folds(drive))
        return {
            "model.lib": subcircuit(self.model, header),
            "model.va": module(self.model, header),
            "bench.cir": bench(swept.corners, self.by_voltage),
            "bench.sim": verilog_a.bench("film", swept.corners, self.by_voltage, SeriesCircuit()),
            **({"presets.json": json_text(volatile_presets(self.pulses))} if self.pulses else {}),
        }

    def verify(self, runs: Sequence[Run]) -> Verification:
        """Compare sweeps, another load, the thermal pin, random circuits and further runs."""
        for run in runs:
            check_same(self.run, run)
        found = check_film(self.model, self.states, self.by_voltage, runs, self.hot)
        figures = {"errors": draw(found, self.states)} if found.sweeps else {}
        return Verification(found.checks, figures)


def build(run: Run, overrides: Sequence[str]) -> FilmExport:
    """Make the compact model of a steady film run.

    Raises
    ------
    InputError
        If the run has not what it takes.
    """
    prepared = prepared_run(run, overrides)
    points = points_of(run, prepared)
    states = between(points)
    stages, at = ladder(prepared, points, STAGES)
    contact, pads_heat = prepared.device.contact_resistance, prepared.config.contact.heat == "pads"
    ambient = float(prepared.config.ambient.temperature)
    table = _table(states, stages, at, ambient, contact if pads_heat else 0.0)
    times = tuple(stages.times.tolist())
    model = FilmModel(table, times, ambient, contact, pads_heat)
    return FilmExport(model, run, states, stages, prepared)


def _table(
    states: BranchStates, stages: Ladder, at: np.ndarray, ambient: float, heating: float
) -> Table:
    """Columns of `FilmModel` over the position, on as few rows as it takes.

    At rest they are those of the first state that is noticeably warmer than the ambient. ``at`` is
    where along the branch the weights of the ladder are known.
    """
    on = states.hottest - ambient > _WARMED * np.ptp(states.hottest)
    V, current, T = states.voltage[on], states.current[on], states.position[on]
    resistance = (T - ambient) / (V * current + heating * current**2)
    at = np.interp(at, states.s, states.position)
    weights = np.column_stack([Curve(at, w)(T) for w in stages.weights.T])
    columns = [np.log(current / V), np.log(resistance), weights, states.hottest[on]]
    warm, count = np.column_stack(columns), len(stages.times)
    rest = np.append(warm[0, :-1], ambient)
    stage_names = tuple(f"R_{i} [K/W]" for i in range(1, count + 1))
    names = ("ln(G/S)", "ln R", *stage_names, HOTTEST)
    errors = [_ERROR, _ERROR, *[_WEIGHT] * count, _ERROR * float(np.ptp(states.hottest))]
    few = Table(np.append(ambient, T), np.vstack([rest, warm]), "", names).reduced(errors)
    values = few.values.copy()
    values[:, 2:-1] *= np.exp(values[:, 1:2])
    kept = ("ln(G/S)", *stage_names)
    if np.array_equal(states.position, states.hottest):
        return Table(few.x, np.delete(values, [1, -1], axis=1), HOTTEST, kept)
    return Table(few.x, np.delete(values, 1, axis=1), "position [K]", (*kept, HOTTEST))

"""Compact model of a run of a metallization cell: tables along its growth and what they are of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mitmodels.cases.compact.cell.checks import check_cell, circuit_of
from mitmodels.cases.compact.cell.circuits import corners_of
from mitmodels.cases.compact.cell.figures import draw
from mitmodels.cases.compact.cell.frozen_growth import (
    BEYOND,
    FrozenGrowth,
    compact_cell,
    solve_growth,
)
from mitmodels.cases.compact.comparison import trace_of
from mitmodels.cases.compact.model_folder import Verification
from mitmodels.compact import verilog_a
from mitmodels.compact.cell import CompactCell
from mitmodels.compact.cell_pulses import program
from mitmodels.compact.cell_text import MODULE, bench, module, subcircuit
from mitmodels.compact.presets import presets
from mitmodels.compact.table import Table
from mitmodels.solvers.runs.files import json_text
from mitmodels.solvers.runs.reading import Run


@dataclass(frozen=True, eq=False)
class CellExport:
    """A cell's compact model and what it was made from.

    Attributes
    ----------
    model : CompactCell
    run : Run
    found : FrozenGrowth
    """

    model: CompactCell
    run: Run
    found: FrozenGrowth

    @property
    def device(self) -> str:
        """Name of the subcircuit."""
        return "cell"

    @property
    def voltage(self) -> float:
        """Largest voltage of the run [V]."""
        return self.model.reach[1] / BEYOND

    @property
    def tables(self) -> Mapping[str, Table]:
        """Shapes, conductance and ionic current at all voltages, and programming pulses."""
        found, over = self.found, "position"
        names = tuple(f"{V:.6g} V" for V in found.voltage)
        pulses = program(self.model, self.voltage)
        counts = np.arange(len(pulses.up), dtype=float)
        levels = np.column_stack([pulses.up, pulses.down])
        return {
            "shapes": self.model.shapes,
            "conductance": Table(
                found.position, found.conductance[0], over, tuple(f"G [S] at {V}" for V in names)
            ),
            "ionic_current": Table(
                found.position, found.ionic[0], over, tuple(f"I_ion [A] at {V}" for V in names)
            ),
            "pulses": Table(counts, levels, "pulses", ("G up [S]", "G down [S]")),
        }

    @property
    def limits(self) -> Sequence[str]:
        """What the model does not know."""
        model, found = self.model, self.found
        return [
            "the shapes are those of one growth, told apart by their volume: another compliance or "
            "another rate leaves another shape of the same volume",
            "RESET reads the same shapes downwards, while a filament dissolves at its tip and rim "
            "first",
            f"the seed of {found.volume[0] * 1e27:.3g} nm3 neither dissolves nor has to appear: "
            "there is no waiting time of nucleation",
            "heat is steady and in the tables, solved for at every shape and voltage; another "
            f"ambient, by the parameter or the pin, moves ln G and the logarithm of the rate from "
            f"their values at {model.ambient:g} K towards those at {model.warmer:g} K in "
            "proportion to 1/T",
            f"beyond {model.reach[1]:.3g} V of either sign conductance and rate per volt are "
            f"constant; beyond the largest volume of the growth, {found.volume[-1] * 1e27:.4g} "
            "nm3, all goes on along its last slope up to 1.35 times that, where growth ends",
            "the current of the ions and the capacitance of the oxide are left out",
        ]

    @property
    def ranges(self) -> Mapping[str, tuple[float, float]]:
        """Within what the tables were made."""
        found = self.found
        return {
            "V_cell [V]": self.model.reach,
            "volume [m3]": (float(found.volume[0]), float(found.volume[-1])),
            "gap [m]": (float(found.gap.min()), float(found.gap.max())),
            "T_max [K]": (found.ambient, found.ambient + float(found.rise.max())),
        }

    def texts(self, header: str) -> Mapping[str, str]:
        """Subcircuit, module, a bench, and presets of array simulators."""
        field = trace_of(self.run, "V_cell")
        corners = corners_of(field.time, field.source)
        return {
            "model.lib": subcircuit(self.model, header),
            "model.va": module(self.model, header),
            "bench.cir": bench(corners, circuit_of(self.run)),
            "bench.sim": verilog_a.bench(MODULE, corners, True, circuit_of(self.run)),
            "presets.json": json_text(presets(program(self.model, self.voltage))),
        }

    def verify(self, runs: Sequence[Run]) -> Verification:
        """Compare the run itself and further ones; thermal pin, a pair, random circuits."""
        found = check_cell(self.model, self.run, runs)
        return Verification(found.checks, {"errors": draw(found)})


def build(run: Run, overrides: Sequence[str]) -> CellExport:
    """Make the compact model of a run of a cell.

    Raises
    ------
    InputError
        If nothing grows in it, or its filament has a surface energy.
    """
    found = solve_growth(run, overrides)
    return CellExport(compact_cell(found), run, found)

"""Where the time of a SET goes, and what its solves would take if only memory were the limit."""

import time
from collections import Counter
from importlib.resources import files
from pathlib import Path

from petsc4py import PETSc

from dolfinx.common import timing

import numpy as np

from mitmodels.cases import api
from mitmodels.solvers.cell.fields import CellSolver

_PHASES = {
    "Gmsh and mesh": "cell: mesh",
    "set-up of forms and matrices": "cell: set-up",
    "motion of the mesh": "cell: motion",
    "potential of the metal": "cell: metal",
    "heat": "cell: heat",
    "potential of the electrolyte": "cell: electrolyte",
}
_CASE = Path(str(files("mitmodels.cases") / "ecm_set.toml"))


def _spent() -> dict[str, tuple[int, float]]:
    """Calls and seconds of each phase so far."""
    found = {phase: timing(task) for phase, task in _PHASES.items()}
    return {phase: (calls, span.total_seconds()) for phase, (calls, span) in found.items()}


def _bandwidth() -> float:
    """Bytes per second that one core copies, reads and writes counted."""
    source = np.ones(2**25)
    target = np.empty_like(source)
    best = np.inf
    for _ in range(5):
        begin = time.perf_counter()
        np.copyto(target, source)
        best = min(best, time.perf_counter() - begin)
    return 2 * source.nbytes / best


def _bytes(ksp: PETSc.KSP) -> int:
    """What one linear solve moves: matrix written and read, factors written and read twice."""
    entries = ksp.getOperators()[0].getInfo()["nz_used"]
    factors = ksp.getPC().getFactorMatrix().getInfo()["nz_used"]
    return int(2 * 12 * entries + 3 * 8 * factors)


def test_phases(tabulate, timed, tmp_path, monkeypatch) -> None:
    short = ("protocol.0.to=0.2 V", "protocol.1.to=0.1 V")
    api.run(_CASE, tmp_path / "compiles", overrides=("output.figures=false", *short))
    moved: Counter[str] = Counter()
    solve = CellSolver.solve

    def counted(self, *arguments):
        rounds = _spent()["heat"][0]
        found = solve(self, *arguments)
        rounds = _spent()["heat"][0] - rounds
        moved["potential of the metal"] += rounds * _bytes(self._metal.solver)
        moved["heat"] += rounds * _bytes(self._heat.solver)
        if steps := self.electrolyte.solver.getIterationNumber():  # else nothing was factorised
            moved["potential of the electrolyte"] += steps * _bytes(
                self.electrolyte.solver.getKSP()
            )
        return found

    monkeypatch.setattr(CellSolver, "solve", counted)
    before, begin = _spent(), time.perf_counter()
    api.run(_CASE, tmp_path / "run", overrides=("output.figures=false",))
    whole, after, speed = time.perf_counter() - begin, _spent(), _bandwidth()
    timed("SET of ecm_set", whole)
    phases = {name: np.subtract(after[name], before[name]) for name in _PHASES}
    evaluations = phases["potential of the electrolyte"][0]
    phases["outline, steps, files"] = np.array((0, whole - sum(s for _, s in phases.values())))
    rows = [
        (
            name,
            f"{100 * seconds / whole:.0f}",
            f"{1e3 * seconds / evaluations:.1f}",
            f"{1e3 * moved[name] / speed / evaluations:.2f}" if name in moved else "",
            f"{calls:.0f}" if calls else "",
        )
        for name, (calls, seconds) in phases.items()
    ]
    note = (
        f"`cases/ecm_set.toml` on one core: {whole:.1f} s, {evaluations:.0f} evaluations of the "
        f"fields. The limit is that of a core that copies {speed / 1e9:.1f} GB/s and moves only "
        "matrices and factors."
    )
    columns = ("phase", "share [%]", "per evaluation [ms]", "memory limit [ms]", "calls")
    tabulate("A SET by phase", note, columns, rows)

"""Small signals of the states on a branch: impedance, and critical elements of the circuit."""

import math
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import count, pairwise

import numpy as np

from mitmodels.cases.config.observed import levels
from mitmodels.cases.console.progress import Progress
from mitmodels.cases.film.steady_branch import Target
from mitmodels.cases.film.steady_config import Prepared
from mitmodels.cases.runs.record import Record
from mitmodels.drive.observable import Level
from mitmodels.film.observables import STEADY_FILM, OperatingPoint
from mitmodels.hopf import Critical, Element, critical
from mitmodels.solvers.film.branch import Branch
from mitmodels.solvers.film.points import Point
from mitmodels.solvers.film.small_signal.linearised import SmallSignal
from mitmodels.solvers.petsc import SolverError
from mitmodels.solvers.runs.files import Value
from mitmodels.solvers.runs.folder import RunFolder, Table

_STATE = {name: STEADY_FILM.units[name] for name in ("V_source", "V_device", "I", "T_max")}
IMPEDANCE = {"state": "", **_STATE, "stable": "", "f": "Hz", "Z_real": "ohm", "Z_imaginary": "ohm"}
# Columns of the critical value of an element and of the frequency there.
COLUMNS: Mapping[Element, tuple[str, str]] = {
    "capacitance": ("C_critical", "f_C"),
    "inductance": ("L_critical", "f_L"),
}
HOPF = {
    "s": "",
    **_STATE,
    "C_critical": "F",
    "f_C": "Hz",
    "L_critical": "H",
    "f_L": "Hz",
}
EVENT = "Hopf point"
_NONE = 50.0  # of ln of a ratio: no value is critical
_LOCATED = 1e-6  # of that


class SmallSignals:
    """What a run asks about small signals of the states on its branch.

    Parameters
    ----------
    prepared : Prepared
        With a heat capacity.
    branch : Branch
    record : Record
    """

    def __init__(self, prepared: Prepared, branch: Branch, record: Record) -> None:
        self.prepared, self.branch, self.record = prepared, branch, record
        self._film = SmallSignal(branch.continuation.newton)

    def write(self, folder: RunFolder, progress: Progress) -> None:
        """Write the tables that are asked for, and Hopf points as events."""
        output = self.prepared.config.output
        if states := levels(output.impedance_at.states):
            with progress.stage("impedance", total=len(states)) as stage:
                table = folder.table("impedance", IMPEDANCE)
                numbers = count(1)
                for done, level in enumerate(states, 1):
                    self._write_impedance(level, numbers, table)
                    stage.update(done, str(level))
        if output.critical.elements:
            points = [p for p in self._stable() if p.state.current]
            with progress.stage("Hopf points", total=len(points)) as stage:
                table = folder.table("hopf", HOPF)
                for done, point in enumerate(points, 1):
                    self._write_critical(point, table)
                    stage.update(done, f"{point.state.current * 1e3:.3f} mA")
                for element in output.critical.elements:
                    self._locate(element)

    def _write_impedance(self, level: Level, numbers: Iterator[int], table: Table) -> None:
        """Write the impedance of every state with a value."""
        target = Target(self.prepared, self.branch.continuation, level)
        asked, quantity = self.prepared.config.output.impedance_at, level.quantity
        is_drive, unit = quantity == "drive", self.prepared.protocol.unit
        words = f"{level} {unit if is_drive else STEADY_FILM.find(quantity).unit}"
        low, high = float(asked.lowest), float(asked.highest)
        try:
            points = self.branch.states(target.read, level.value, target.solve, every=True)
            for point, number in zip(points, numbers, strict=False):
                film, row = self._film.at(point.state), self._row(point)
                stable = sum(fold.s < point.s for fold in self.branch.folds) % 2 == 0
                for f in np.geomspace(low, high, asked.count):
                    Z = film.impedance(2j * math.pi * f)
                    found = {"f": f, "Z_real": Z.real, "Z_imaginary": Z.imag}
                    table.append({"state": number, **row, "stable": stable, **found})
        except SolverError as error:
            self.record.warn([f"impedance_at {words} is not solved for: {error}"], {})
        else:
            if not points:
                self.record.warn([f"impedance_at {words} is never reached"], {})

    def _write_critical(self, point: Point, table: Table) -> None:
        row: dict[str, Value] = dict.fromkeys(HOPF)
        row |= {"s": point.s, **self._row(point)}
        try:
            for element, found in self._critical(point, self._elements).items():
                if found:
                    value, frequency = COLUMNS[element]
                    row |= {value: found.value, frequency: found.frequency}
        except SolverError as error:
            self.record.warn([f"critical elements are not solved for: {error}"], self._where(point))
        table.append(row)

    def _locate(self, element: Element) -> None:
        """Write the points of the branch at which an element of the circuit is critical."""
        value = getattr(self.prepared.config.circuit.series, element)

        def excess(point: Point) -> float:
            found = self._critical(point, (element,))[element]
            return math.log(found.value / value) if found else _NONE

        for before, after in self._neighbours() if value else ():
            try:
                if excess(before) * excess(after) < 0:
                    point = self.branch.continuation.search(before, after, excess, _LOCATED)
                    frequency = getattr(self._critical(point, (element,))[element], "frequency", 0)
                    unit = HOPF[COLUMNS[element][0]]
                    detail = f"{element} of {value:.6g} {unit}, {frequency:.6g} Hz"
                    self.record.note(EVENT, self._where(point), detail)
            except SolverError as error:
                self.record.warn([f"a {EVENT} is not solved for: {error}"], self._where(before))

    def _critical(
        self, point: Point, elements: tuple[Element, ...]
    ) -> dict[Element, Critical | None]:
        asked = self.prepared.config.output.critical
        impedance = cache(self._film.at(point.state).impedance)
        span = float(asked.lowest), float(asked.highest)
        circuit, drive = self.prepared.config.circuit.series, self.prepared.protocol.drive
        return {
            element: critical(element, impedance, circuit, span, drive == "current")
            for element in elements
        }

    @property
    def _elements(self) -> tuple[Element, ...]:
        return self.prepared.config.output.critical.elements

    def _stable(self) -> Iterator[Point]:
        """Stable points of the branch but for its folds."""
        flags = self.branch.stability()
        for point, stable in zip(self.branch.points, flags, strict=True):
            if stable and point.kind != "fold":
                yield point

    def _neighbours(self) -> Iterator[tuple[Point, Point]]:
        """Neighbouring points of stable parts with a current, folds left out."""
        for stable, points in self.branch.segments():
            if stable:
                inner = [p for p in points if p.kind != "fold" and p.state.current]
                yield from pairwise(inner)

    def _row(self, point: Point) -> dict[str, float]:
        row = STEADY_FILM.row(OperatingPoint(point.state.reading, self.prepared.load))
        return {name: row[name] for name in _STATE}

    def _where(self, point: Point) -> dict[str, Value]:
        row = self._row(point)
        return {"s": point.s, "V_source": row["V_source"], "I": row["I"]}

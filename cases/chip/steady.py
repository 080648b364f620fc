"""Steady states of several devices on one substrate, all sources in proportion to one drive.

The drive goes from 0 to 1, where each source has the highest value of its protocol. The branch of
all films together is traced by arclength through its folds.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict

from mpi4py import MPI

import numpy as np

from mitmodels.cases.chip.config import SteadyChipConfig
from mitmodels.cases.chip.prepared import PreparedChip, prepare_each, remarks, summary_of
from mitmodels.cases.chip.results import device_folders, write_crosstalk
from mitmodels.cases.config.materials import left_ranges
from mitmodels.cases.console.progress import Progress
from mitmodels.cases.film import steady_config
from mitmodels.cases.film.device import build_solver
from mitmodels.cases.film.forecast import warnings
from mitmodels.cases.registry import Case
from mitmodels.cases.runs.record import Record
from mitmodels.chip.kernel import steady_kernel
from mitmodels.errors import InputError
from mitmodels.film.observables import STEADY_FILM, OperatingPoint
from mitmodels.solvers.chip.coupled import Member, films_of
from mitmodels.solvers.chip.exchange import Exchange
from mitmodels.solvers.chip.newton import ChipNewton
from mitmodels.solvers.film.constraints import Drive
from mitmodels.solvers.film.continuation import PseudoArclength
from mitmodels.solvers.film.fields import FilmFields
from mitmodels.solvers.film.interfaces import Array, Rejection, State
from mitmodels.solvers.film.points import Point, StallError, Steps
from mitmodels.solvers.runs.files import Entry
from mitmodels.solvers.runs.folder import RunFolder

_LOG = logging.getLogger(__name__)

Config = SteadyChipConfig
Prepared = PreparedChip[Config, steady_config.Prepared]

IV = {"s": "", "drive": "", "I": "A", "P": "W", "T_max": "K"}
EVENTS = {"event": "", "s": "", "drive": "", "detail": ""}
DEVICE_IV = {"drive": "", **STEADY_FILM.units}
_NO_FOLD = "the drive has no extremum on the branch"
_ALONE = "there is one device"


def prepare(config: Config, comm: MPI.Comm) -> Prepared:
    """Check what the sections mean together, and mesh.

    Raises
    ------
    InputError
        If they do not go together.
    """
    films = prepare_each(config, config.experiments(), steady_config.prepare, comm)
    for number, film in enumerate(films):
        if film.until or film.reads:
            raise InputError(
                f"device.{number}.protocol: until and read_at are of a film alone: all devices "
                "follow one drive to its end, remove them"
            )
    return PreparedChip(config, films)


def check(prepared: Prepared) -> Mapping[str, str]:
    """Say what would be solved."""
    found = summary_of(prepared)
    for device, film in prepared.members:
        found[device.name] += f", 0 to {film.limit:g} {film.protocol.unit}"
    return found | {"warning": "\n".join(remarks(prepared.config))}


def build_chip(prepared: Prepared, comm: MPI.Comm) -> ChipNewton:
    """Assemble all films, each on its own substrate, and what heat does between them."""
    members = []
    for film in prepared.films:
        newton = build_solver(film.device)
        scale = newton.film.voltage_scale
        if not film.drive.by_voltage:
            scale = newton.film.power_scale / scale
        members.append(Member(newton, film.drive, film.limit, scale))
    places = [device.footprint for device in prepared.config.device]
    films = [member.newton.film for member in members]
    exchange = Exchange(films, places, prepared.config.is_coupled)
    thickness = float(prepared.config.substrate.thickness or np.inf)
    return ChipNewton(members, exchange, steady_kernel(exchange.distances, thickness), comm)


def run(prepared: Prepared, folder: RunFolder, progress: Progress) -> None:
    """Trace the branch and write tables, fields, matrix and summary into the run folder.

    Raises
    ------
    RunError
        If the branch cannot be followed at all; where it ends early, an event says why.
    """
    record = Record(folder, IV, EVENTS, {}, {})
    record.warn(remarks(prepared.config), {})
    for device, film in prepared.members:
        record.warn((f"{device.name}: {text}" for text in warnings(film)), {})
    newton = build_chip(prepared, folder.comm)
    _LOG.info("substrate and films assembled after %.1f s", record.elapsed)
    resistances = newton.system.thermal_resistances()
    write_crosstalk(prepared, resistances, folder)
    follower = _Follower(prepared, newton, folder, record)
    follower.follow(progress)
    follower.close(resistances)


class _Follower:
    """Follows the branch, writing every point as it is found."""

    def __init__(
        self, prepared: Prepared, newton: ChipNewton, folder: RunFolder, record: Record
    ) -> None:
        self.prepared, self.newton, self.folder, self.record = prepared, newton, folder, record
        self.names = [device.name for device in prepared.config.device]
        self.folders = device_folders(folder, self.names)
        self._tables = [folder.table("iv", DEVICE_IV) for folder in self.folders]
        self._writers = [
            FilmFields(member.newton.film, folder.fields)
            for member, folder in zip(newton.system.members, self.folders, strict=True)
        ]
        self.points: list[Point] = []
        self.ended = ""

    def follow(self, progress: Progress) -> None:
        """Go from rest to the end of the drive, or as far as that is possible."""
        largest = float(self.prepared.config.numerics.largest)
        steps = Steps(first=min(Steps.first, largest), largest=largest)
        scale = min(1 / member.by_common for member in self.newton.system.members)
        trace = PseudoArclength(self.newton, Drive(1.0, 0.0), steps, scale)
        start = trace.start()
        self._add(start)
        with progress.stage("branch", total=1.0, unit="") as stage:
            try:
                for found in trace.trace(start, 1.0):
                    if isinstance(found, Rejection):
                        self.record.note("rejected step", {"s": found.at}, found.reason)
                        continue
                    self._add(found)
                    stage.update(found.drive, f"T = {found.state.reading.T_max:.0f} K")
                    if self.ended:
                        break
            except StallError as end:
                if len(self.points) == 1:
                    raise
                self._end(str(end))

    def _add(self, point: Point) -> None:
        where = {"s": point.s, "drive": point.drive}
        reading, films = point.state.reading, films_of(point.state)
        self.record.iv.append({**where, "I": reading.I, "P": reading.P, "T_max": reading.T_max})
        for table, film, single in zip(self._tables, films, self.prepared.films, strict=True):
            row = STEADY_FILM.row(OperatingPoint(film.reading, single.load))
            table.append({"drive": point.drive, **row})
        before = self.points[-1:] and films_of(self.points[-1].state)
        self.points.append(point)
        if point.kind == "fold":
            self.record.note("fold", where)
            self._store(f"fold-{len(self._folds)}", point.state)
        for number, (device, single) in enumerate(self.prepared.members):
            now = films[number].reading.T_max
            hottest = {"K": before[number].reading.T_max} if before else {}
            texts = left_ranges(single.config, hottest, {"K": now})
            self.record.warn((f"{device.name}: {text}" for text in texts), where)
            for until, event in single.end_of_law:
                if now > until.limit:
                    self._end(f"{device.name}: {event.partition(': ')[2]}")
        numerics = self.prepared.config.numerics
        for key, count in {"points": len(self.points), "folds": len(self._folds)}.items():
            if count >= getattr(numerics, key):
                self._end(f"the branch has {count} {key}: give a larger numerics.{key}")

    @property
    def _folds(self) -> list[Point]:
        return [point for point in self.points if point.kind == "fold"]

    def _end(self, reason: str) -> None:
        self.ended = reason
        last = self.points[-1]
        self.record.warn([reason], {"s": last.s, "drive": last.drive})
        self.record.note("drive ended", {"s": last.s, "drive": last.drive}, reason)

    def _store(self, name: str, state: State) -> None:
        """Write the fields of each device into its folder."""
        members = self.newton.system.members
        for member, film, writer in zip(members, films_of(state), self._writers, strict=True):
            member.newton.set_fields(film)
            writer.write(name, asdict(film.reading))

    def close(self, resistances: Array) -> None:
        """Store the last state, and write all summaries."""
        last, folds = self.points[-1].state, self._folds
        self._store("end", last)
        others = self.newton.warming_by_others(last)
        for number, (_, single) in enumerate(self.prepared.members):
            shown = [
                OperatingPoint(films_of(p.state)[number].reading, single.load)
                for p in (*self.points, *folds[:1])
            ]
            end, fold = shown[len(self.points) - 1], shown[len(self.points) :]
            self.folders[number].write_summary(
                {
                    "V_source": (end.V_source, "V"),
                    "I": (end.reading.I, "A"),
                    "P": (end.reading.P, "W"),
                    "T_max": (end.reading.T_max, "K"),
                    "T_others": (others[number], "K"),
                    "I_max": (max(point.reading.I for point in shown), "A"),
                    "V_fold": (fold[0].V_source if fold else None, "V", "" if fold else _NO_FOLD),
                }
            )
        between = resistances[~np.eye(len(resistances), dtype=bool)]
        heats = self.newton.heats(last)
        summary: dict[str, Entry] = {
            "drive": (self.points[-1].drive, ""),
            "end": (self.ended or "end of the drive", ""),
            "fold": (folds[0].drive if folds else None, "", "" if folds else _NO_FOLD),
            "folds": (len(folds), ""),
            "P": (last.reading.P, "W"),
            "heat": (float(sum(heats)), "W"),
            "T_max": (last.reading.T_max, "K"),
            "R_mutual_max": (max(between, default=None), "K/W", "" if between.size else _ALONE),
            "unknowns": (2 * self.prepared.nodes, ""),
            "newton_iterations": (self.newton.iterations, ""),
            "wall_time": (self.record.elapsed, "s"),
        }
        self.folder.write_summary(summary)


CASE = Case(Config, prepare, check, run)

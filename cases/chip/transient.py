"""Several devices on one substrate in time, each with its own source, circuit and steps.

The device that is furthest behind takes its next step; heat of the others reaches it with the delay
of the substrate.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mpi4py import MPI

import numpy as np

from mitmodels.cases.chip.config import TransientChipConfig
from mitmodels.cases.chip.prepared import PreparedChip, prepare_each, remarks, summary_of
from mitmodels.cases.chip.results import device_folders
from mitmodels.cases.chip.synchronisation import write_phases
from mitmodels.cases.console.progress import Progress
from mitmodels.cases.film import transient as film
from mitmodels.cases.film import transient_config
from mitmodels.cases.film.switching import Accepted
from mitmodels.cases.registry import Case
from mitmodels.cases.runs.further_columns import further_columns
from mitmodels.cases.runs.record import KEPT as RECORDED
from mitmodels.cases.runs.record import Record
from mitmodels.drive.following import expected
from mitmodels.solvers.chip import delay
from mitmodels.solvers.chip.delay import DelayedExchange
from mitmodels.solvers.chip.exchange import Exchange
from mitmodels.solvers.film.substrate.half_space_transient import TransientHalfSpace
from mitmodels.solvers.film.transient.tr_bdf2 import Stepper
from mitmodels.solvers.runs.checkpoints import Content
from mitmodels.solvers.runs.files import Entry
from mitmodels.solvers.runs.folder import RunFolder

_LOG = logging.getLogger(__name__)

Config = TransientChipConfig
Prepared = PreparedChip[Config, transient_config.Prepared]

IV = {"t": "s", "device": "", "V_device": "V", "I": "A", "T_max": "K"}
EVENTS = {"t": "s", "device": "", "event": "", "detail": ""}
_DEVICE = "device"  # before the names in a checkpoint, with the number of the device
KEPT = (*IV, *EVENTS, *RECORDED, *delay.KEPT, *(f"{_DEVICE} {name}" for name in film.KEPT))


def prepare(config: Config, comm: MPI.Comm) -> Prepared:
    """Check what the sections mean together, and mesh.

    Raises
    ------
    InputError
        If they do not go together.
    """
    films = prepare_each(config, config.experiments(), transient_config.prepare, comm)
    return PreparedChip(config, films)


def check(prepared: Prepared) -> Mapping[str, str]:
    """Say what would be solved."""
    found = summary_of(prepared)
    for device, single in prepared.members:
        low, high = single.protocol.extremes
        found[device.name] += (
            f", {low:g} to {high:g} {single.protocol.unit} in {single.protocol.duration:g} s"
        )
    return found | {"warning": "\n".join(remarks(prepared.config))}


@dataclass(eq=False)
class _Track:
    """A device on its way: what steps it, what writes it down, and how far it is."""

    name: str
    prepared: transient_config.Prepared
    stepper: Stepper
    record: Record
    recorder: film.Recorder

    def begin(self, earlier: Content) -> None:
        """Go to the state before the first step, or to that of the last checkpoint."""
        position, at = self.recorder.begin(earlier, ())
        self._steps: Iterator[Accepted] = film.follow(self.prepared, self.stepper, position, at)
        self._position, self.at = position, at
        self.ended = bool(self.recorder.ended)

    def content(self) -> Content:
        """What the device needs to go on."""
        return self.recorder.content(self._position, self.at)

    @property
    def heat(self) -> np.ndarray:
        """Heat into the substrate per node [W]."""
        substrate = self.stepper.substrate
        assert isinstance(substrate, TransientHalfSpace)
        return substrate.scale * self.at.state.state.unknown[:, 1]

    def advance(self) -> bool:
        """Take a step; whether there was one."""
        accepted = next(self._steps, None)
        if accepted is None:
            self.ended = True
            return False
        self.recorder.add(accepted)
        self._position, self.at = accepted.position, accepted.point
        self.ended = bool(self.recorder.ended)
        return accepted.new


def run(prepared: Prepared, folder: RunFolder, progress: Progress) -> None:
    """Follow all protocols and write tables, fields and summaries into the run folder.

    Raises
    ------
    RunError
        If no step of a device succeeds any more; what was found so far is on disk.
    """
    checkpoints = folder.open_checkpoints(KEPT)
    earlier = checkpoints.latest() or {}
    record = Record(folder, IV, EVENTS, earlier, {})
    if not earlier:
        record.warn(remarks(prepared.config), {})
    record.warn(checkpoints.passed_over, {})
    tracks = list(_tracks(prepared, folder, earlier))
    delayed = couple(prepared, [track.stepper for track in tracks])
    if earlier:
        delayed.restore(earlier)
    else:
        delayed.start([track.heat for track in tracks])
    _LOG.info("substrate and films assembled after %.1f s", record.elapsed)

    def content() -> Content:
        return {**record.content(), **delayed.content(), **_numbered(tracks)}

    total = max(single.protocol.duration for single in prepared.films)
    with checkpoints, progress.stage("time", total=total, unit="s") as stage:
        while going := [number for number, track in enumerate(tracks) if not track.ended]:
            number = min(going, key=lambda n: tracks[n].at.time)
            track = tracks[number]
            if track.advance():
                delayed.record(number, track.at.time, track.heat)
                reading = track.at.state.state.reading
                shown = {"V_device": reading.V_device, "I": reading.I, "T_max": reading.T_max}
                record.iv.append({"t": track.at.time, "device": track.name, **shown})
                stage.update(track.at.time, f"{track.name}: T = {reading.T_max:.0f} K")
                checkpoints.offer(content)
    for track in tracks:
        track.recorder.close()
    _close(prepared, tracks, folder, record)


def _tracks(prepared: Prepared, folder: RunFolder, earlier: Content) -> Iterator[_Track]:
    """Devices at their beginning, or where a checkpoint has them."""
    names = [device.name for device in prepared.config.device]
    folders = device_folders(folder, names)
    for i, (name, own, single) in enumerate(zip(names, folders, prepared.films, strict=True)):
        stepper = transient_config.build_stepper(single.config, single.device)
        waited = expected(single.protocol, single.shown, single.fields)
        reads = film.READS if single.protocol.reads else None
        prefix = f"{_DEVICE} {i} "
        known = {k.removeprefix(prefix): v for k, v in earlier.items() if k.startswith(prefix)}
        columns, derived = further_columns(single.config.output, single.shown.units)
        record = Record(own, columns, film.EVENTS, known, waited, reads, derived)
        recorder = film.Recorder(single, stepper, own, record, known)
        track = _Track(name, single, stepper, record, recorder)
        track.begin(known)
        yield track


def _numbered(tracks: Sequence[_Track]) -> Content:
    """What all devices need to go on, by their numbers."""
    contents = enumerate(track.content() for track in tracks)
    return {f"{_DEVICE} {i} {name}": v for i, content in contents for name, v in content.items()}


def couple(prepared: Prepared, steppers: list[Stepper]) -> DelayedExchange:
    """Let films feel the heat of each other from now on."""
    config = prepared.config
    places = [device.footprint for device in config.device]
    exchange = Exchange([s.newton.film for s in steppers], places, config.is_coupled)
    kappa = float(config.substrate.law()(float(config.ambient.temperature)))
    capacity = float(config.device[0].heat_capacity.substrate or np.inf)
    duration = max(single.protocol.duration for single in prepared.films)
    delayed = DelayedExchange(exchange, kappa, kappa / capacity, duration)
    for number, stepper in enumerate(steppers):
        others = [j for j in range(len(steppers)) if j != number and config.is_coupled(number, j)]
        if others:
            gap = min(places[number].gap(places[j]) for j in others)
            stepper.longest = DelayedExchange.longest_step(gap, kappa / capacity)
            stepper.surroundings = delayed.surroundings(number)
    return delayed


def _close(prepared: Prepared, tracks: list[_Track], folder: RunFolder, record: Record) -> None:
    summary: dict[str, Entry] = write_phases(folder)
    summary["unknowns"] = (2 * prepared.nodes, "")
    summary["newton_iterations"] = (sum(t.stepper.newton.iterations for t in tracks), "")
    summary["wall_time"] = (record.elapsed, "s")
    folder.write_summary(summary)


CASE = Case(Config, prepare, check, run)

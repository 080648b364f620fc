"""The two films that most tests solve, built as the command line builds them, and their branch.

``joint_set`` is the shipped case, ``sheet`` the problem with exact plateaus; both take overrides
as ``mitmodels run --set`` does.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from mpi4py import MPI

from mitmodels.cases.config.document import load_config
from mitmodels.cases.film import transient_config
from mitmodels.cases.film.device import FilmDevice, build_device, build_solver
from mitmodels.cases.film.steady import Config
from mitmodels.cases.film.transient import Accepted, follow
from mitmodels.drive.following import Position
from mitmodels.solvers.film.branch import Branch
from mitmodels.solvers.film.constraints import Drive
from mitmodels.solvers.film.continuation import Continuation
from mitmodels.solvers.film.interfaces import Rejection
from mitmodels.solvers.film.points import Point, Steps
from mitmodels.solvers.film.transient.source import Source
from mitmodels.solvers.film.transient.time_stepping import TimeStep
from mitmodels.solvers.film.transient.tr_bdf2 import Stepper

SHIPPED = Path(str(files("mitmodels.cases") / "lsmo_iv.toml"))
PULSE = SHIPPED.with_name("lsmo_pulse.toml")
SHEET = Path(__file__).with_name("sheet.toml")
# The smallest mesh of the joint set that shows both folds; the lateral edge is not resolved.
COARSE = ("mesh.size=2 um", "mesh.edge_size=1 um", "mesh.cells_across=6")
# The smallest one that meets the tolerances of its key figures.
GRADED = ("mesh.size=1.25 um", "mesh.edge_size=0.3 um", "mesh.cells_across=10")
SMALL_DEVICE = (
    "geometry.length=10 um",
    "geometry.width=10 um",
    "geometry.pad_length=30 um",
    "mesh.size=0.2 um",
    "mesh.edge_size=0.1 um",
    "mesh.cells_across=10",
)


def joint_set(*overrides: str, comm: MPI.Comm = MPI.COMM_WORLD) -> FilmDevice:
    """The LSMO channel on a half-space."""
    return build_device(load_config(SHIPPED, overrides, Config), comm)


def sheet(*overrides: str, comm: MPI.Comm = MPI.COMM_WORLD) -> FilmDevice:
    """The film with a local heat loss and ideal contacts."""
    return build_device(load_config(SHEET, overrides, Config), comm)


def continuation(device: FilmDevice, steps: Steps | None = None) -> Continuation:
    """Voltage-controlled continuation of a device, contact resistance included."""
    newton = build_solver(device)
    drive = Drive.voltage_source(device.contact_resistance)
    return Continuation(newton, drive, steps or Steps(), newton.film.voltage_scale)


def trace(
    continuation: Continuation, limit: float, until: Callable[[Point], bool] = lambda _: False
) -> Branch:
    """Branch from zero up to a drive, or to the first point of which ``until`` is true."""
    points = [continuation.start()]
    for found in continuation.trace(points[0], limit):
        if isinstance(found, Rejection):
            continue
        points.append(found)
        if until(found):
            break
    return Branch(continuation, tuple(points))


def is_fold(point: Point) -> bool:
    """Whether a point is an extremum of the drive."""
    return point.kind == "fold"


def full_barrier(branch: Branch) -> float | None:
    """Source voltage at which the barrier reaches the contact, None if it does not."""
    hot = branch.continuation.newton.film.properties.barrier_temperature
    point = heated(branch, "contact_centre", hot)
    return None if point is None else point.drive


def heated(branch: Branch, place: str, temperature: float) -> Point | None:
    """First state in which a point of the device reaches a temperature [K]."""
    name = {"centre": "T_center", "contact_centre": "T_edge"}[place]

    def solve(before: Point, after: Point) -> Point:
        return branch.continuation.at_temperature(before, after, place, temperature)

    return branch.first(lambda p: getattr(p.state.reading, name), temperature, solve)


@dataclass(frozen=True)
class InTime:
    """A film in time and its solver."""

    prepared: transient_config.Prepared
    stepper: Stepper

    def condition(self, value: float) -> Source:
        """Condition of the source at a value [V or A]."""
        return self.prepared.source(value, self.stepper.scales)

    def rest(self) -> TimeStep:
        """The cold device."""
        return TimeStep(self.stepper.rest(lambda _: self.condition(0.0)), 0.0, 0.0)

    def follow(self) -> Iterator[Accepted]:
        """Every step of the protocol."""
        return follow(self.prepared, self.stepper, Position(), self.rest())


def in_time(*overrides: str, file: Path = PULSE, comm: MPI.Comm = MPI.COMM_WORLD) -> InTime:
    """A film in time, checked and assembled; ``file`` is its TOML file."""
    overrides = ("case=film_transient", *overrides)  # the sheet's file is that of a steady film
    prepared = transient_config.prepare(load_config(file, overrides, transient_config.Config), comm)
    return InTime(prepared, transient_config.build_stepper(prepared.config, prepared.device))


def ramps(*ends: str, rate: str) -> str:
    """Protocol of ramps to one value after the other, as an override."""
    steps = (f'{{ step = "ramp", to = "{end}", rate = "{rate}" }}' for end in ends)
    return f"protocol=[{', '.join(steps)}]"

"""A film that stores heat with its pads and substrate: what goes together, and its solver."""

from dolfinx import fem

import numpy as np

from mitmodels.cases.film.config import HeatCapacity
from mitmodels.cases.film.device import FilmDevice, build_film
from mitmodels.cases.film.laws.substrate import HalfSpaceSection, SheetSection
from mitmodels.cases.film.sections import FilmConfig
from mitmodels.errors import InputError
from mitmodels.solvers.film.interfaces import TransientSubstrate
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.substrate.fourier_modes import FourierModes
from mitmodels.solvers.film.substrate.grid_transfer import Surface
from mitmodels.solvers.film.substrate.half_space import film_nodes
from mitmodels.solvers.film.substrate.half_space_transient import TransientHalfSpace
from mitmodels.solvers.film.substrate.heat_modes import HeatModes
from mitmodels.solvers.film.substrate.local_heat_loss import LocalHeatLoss

_MOST_NODES = 6000  # of the plan: the eigenbasis is dense
_STATES = 6 * 40  # thermal states that a step holds, times their modes
_MOST_POINTS = 2e6  # of the grid of Fourier modes: a thermal state takes 0.6 GB


def faults(config: FilmConfig, capacity: HeatCapacity, remedy: str) -> dict[str, bool]:
    """What is wrong with substrate and pads that store heat, and whether it is the case.

    ``remedy`` is what to do besides removing a key that is for substrates at rest.
    """
    substrate, pads = config.substrate, config.geometry.pad_length > 0
    stores = capacity.substrate is not None
    found = {
        'heat_capacity.pads is missing: give the pads one, "0.25 J/(m2 K)"': pads
        and capacity.pads is None,
        "heat_capacity.pads is given, but geometry.pad_length is zero: remove it": not pads
        and capacity.pads is not None,
    }
    if isinstance(substrate, SheetSection):
        return found | {
            "heat_capacity.substrate has no meaning for the sheet substrate, which stores nothing: "
            "remove it": stores
        }
    steady = f"is for steady states only: remove it, or {remedy}"
    return found | {
        'heat_capacity.substrate is missing: give the half-space one, "2.7e6 J/(m3 K)"': not stores,
        "mesh.degree = 2 is for steady states only on a half-space: set mesh.degree = "
        "1": config.mesh.degree == 2,
        f"substrate.thickness {steady}": substrate.thickness is not None,
        f"substrate.boundary_resistance {steady}": substrate.boundary_resistance is not None,
        f"substrate.mount_resistance {steady}": substrate.mount_resistance is not None,
        "substrate: a conductivity that depends on the temperature is for steady states only: give "
        f"substrate.conductivity as one number, or {remedy}": substrate.is_table
        or float(substrate.conductivity_exponent) != 0,
    }


def check_nodes(device: FilmDevice, capacity: HeatCapacity, duration: float = float("inf")) -> None:
    """Refuse a mesh whose plan has more nodes than the modes of a half-space take.

    ``duration`` [s] is that of the protocol, infinite for steady states.

    Raises
    ------
    InputError
        With the limit.
    """
    if device.cells is None or capacity.substrate is None:
        return
    nodes, remedy = device.plan_nodes, "give a larger mesh.size or mesh.edge_size"
    if _is_dense(device):
        if nodes > _MOST_NODES:
            raise InputError(
                f"mesh: {nodes} nodes of the plan are too many for the dense modes of a half-space "
                f"in time, which take up to {_MOST_NODES}: {remedy}, or leave out "
                "substrate.operator"
            )
        return
    if np.isinf(duration):
        raise InputError(
            "heat_capacity: the small signals of steady states are for the dense modes of a "
            f"half-space, up to {_MOST_NODES} nodes of the plan, not {nodes}: {remedy}, and leave "
            "out substrate.operator"
        )
    points = _points(device, float(capacity.substrate), duration)
    if points > _MOST_POINTS:
        raise InputError(
            f"protocol: in {duration:g} s the heat spreads over {points:.2g} points of the grid, "
            f"more than {_MOST_POINTS:.2g}: {remedy}, until the plan has at most "
            f"{_MOST_NODES} nodes, not {nodes}, for which any time will do, or a shorter protocol"
        )


def build_storing(
    device: FilmDevice, capacity: HeatCapacity, duration: float = float("inf")
) -> tuple[BorderedNewton, TransientSubstrate]:
    """Assemble the solver of a film that stores heat, and its substrate, at rest.

    ``duration`` as of `check_nodes`.
    """
    config = device.config
    film = build_film(device, float(capacity.film), float(capacity.pads or 0.0))
    substrate: TransientSubstrate
    if isinstance(config.substrate, SheetSection) or capacity.substrate is None:
        substrate = LocalHeatLoss(film)
    else:
        modes: HeatModes | FourierModes
        kappa, stored = _conductivity(config), float(capacity.substrate)
        if _is_dense(device):
            nodes, far = film_nodes(film.space, device.plan, device.cells), config.geometry.far
            modes = HeatModes(device.plan, kappa, stored, float(far), nodes, device.smallest_cell)
        else:
            surface = Surface.of(film.space, device.layer.copies)
            modes = FourierModes(film.comm, film.owned, surface, kappa, stored, duration)
        substrate = TransientHalfSpace(film, modes)
    substrate.start_step(substrate.initial_state, float("inf"))
    return BorderedNewton(film, substrate), substrate


def memory_of_modes(device: FilmDevice, capacity: HeatCapacity, duration: float) -> float:
    """About how much memory a half-space in time takes [MiB]; arguments as of `check_nodes`."""
    if device.cells is None or capacity.substrate is None:
        return 0.0
    if _is_dense(device):
        return (device.plan_nodes**2 * 3 + device.nodes**2 * 20) * 8 / 2**20
    return _STATES * _points(device, float(capacity.substrate), duration) * 8 / 2**20


def _points(device: FilmDevice, capacity: float, duration: float) -> float:
    """About how many points the grid of Fourier modes has."""
    space = fem.functionspace(device.layer.mesh, ("Lagrange", 1))
    surface = Surface.of(space, device.layer.copies)
    return FourierModes.points(surface, _conductivity(device.config) / capacity, duration)


def _conductivity(config: FilmConfig) -> float:
    """Conductivity of the half-space at the ambient temperature [W/(m K)]."""
    assert isinstance(config.substrate, HalfSpaceSection)
    return float(config.substrate.law()(float(config.ambient.temperature)))


def _is_dense(device: FilmDevice) -> bool:
    """Whether the modes of a half-space are those of the plan, by a dense eigenbasis."""
    assert isinstance(device.config.substrate, HalfSpaceSection)
    by_size = "dense" if device.plan_nodes <= _MOST_NODES else "fourier"
    return (device.config.substrate.operator or by_size) == "dense"

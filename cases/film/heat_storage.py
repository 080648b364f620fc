"""A film that stores heat with its pads and substrate: what goes together, and its solver."""

from mitmodels.cases.film.config import HeatCapacity
from mitmodels.cases.film.device import FilmDevice, build_film
from mitmodels.cases.film.laws.substrate import SheetSection
from mitmodels.cases.film.sections import FilmConfig
from mitmodels.errors import InputError
from mitmodels.solvers.film.interfaces import TransientSubstrate
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.substrate.half_space import film_nodes
from mitmodels.solvers.film.substrate.half_space_transient import TransientHalfSpace
from mitmodels.solvers.film.substrate.heat_modes import HeatModes
from mitmodels.solvers.film.substrate.local_heat_loss import LocalHeatLoss

_MOST_NODES = 6000  # of the plan: the eigenbasis is dense


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
        f"substrate.operator {steady}": substrate.operator is not None,
        f"substrate.mount_resistance {steady}": substrate.mount_resistance is not None,
        "substrate: a conductivity that depends on the temperature is for steady states only: give "
        f"substrate.conductivity as one number, or {remedy}": substrate.is_table
        or float(substrate.conductivity_exponent) != 0,
    }


def check_nodes(device: FilmDevice) -> None:
    """Refuse a mesh whose plan has more nodes than the modes of a half-space take.

    Raises
    ------
    InputError
        With the limit.
    """
    if device.cells is not None and device.plan_nodes > _MOST_NODES:
        raise InputError(
            f"mesh: {device.plan_nodes} nodes of the plan are too many for a half-space in time, "
            f"which takes up to {_MOST_NODES}: give a larger mesh.size or mesh.edge_size"
        )


def build_storing(
    device: FilmDevice, capacity: HeatCapacity
) -> tuple[BorderedNewton, TransientSubstrate]:
    """Assemble the solver of a film that stores heat, and its substrate, at rest."""
    config = device.config
    film = build_film(device, float(capacity.film), float(capacity.pads or 0.0))
    substrate: TransientSubstrate
    if isinstance(config.substrate, SheetSection) or capacity.substrate is None:
        substrate = LocalHeatLoss(film)
    else:
        modes = HeatModes(
            device.plan,
            float(config.substrate.law()(float(config.ambient.temperature))),
            float(capacity.substrate),
            float(config.geometry.far),
            film_nodes(film.space, device.plan, device.cells),
            device.smallest_cell,
        )
        substrate = TransientHalfSpace(film, modes)
    substrate.start_step(substrate.initial_state, float("inf"))
    return BorderedNewton(film, substrate), substrate

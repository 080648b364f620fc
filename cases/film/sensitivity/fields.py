"""Influence of each place of a film on a reading, as fields for ParaView."""

from dataclasses import replace

import ufl
from dolfinx import fem

import numpy as np

from mitmodels.cases.film.sensitivity.readings import Derived
from mitmodels.solvers.film.fields import WholeFilm
from mitmodels.solvers.film.interfaces import Array
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.resistivity import summed
from mitmodels.solvers.runs.vtk_files import Grid

LOCAL = ("resistivity", "loss")


def local_elasticities(reading: Derived, count: int, newton: BorderedNewton) -> Array:
    """Elasticities by the local resistivity and loss, times the film's area over that of the place.

    The mean over the film is the elasticity by a factor that is even; of a loss, that of the pads
    comes on top.

    Parameters
    ----------
    reading
    count
        Numbers before the local ones.
    newton

    Returns
    -------
    ndarray, shape (owned nodes, 2)
    """
    film = newton.film
    space = fem.functionspace(film.device.mesh, ("Lagrange", 1, (2,)))
    tests = ufl.TestFunctions(space)
    device, lossy = film.device, ("film", *film.pads)
    form = tests[0] * device.dA("film") + tests[1] * device.dA(*lossy)
    areas = summed(fem.form(form)).array
    local = fem.Function(space)
    owned = 2 * space.dofmap.index_map.size_local
    by = reading.by[count:].reshape(2, -1).T.reshape(-1)
    area = film.comm.allreduce(film.node_areas("film").sum())
    scale = area / reading.value
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(areas[:owned] > 0, scale * by / areas[:owned], 0.0)
    local.x.array[:owned] = values
    local.x.scatter_forward()
    shown = fem.Function(film.space)
    shown.interpolate(local)
    return shown.x.array[: 2 * film.owned].reshape(-1, 2)


def mapped(reading: Derived, count: int, newton: BorderedNewton) -> Grid | None:
    """Return them, and the temperature, on the whole device on rank 0. Collective."""
    whole = WholeFilm(newton.film)
    newton.set_fields(reading.state)
    values = local_elasticities(reading, count, newton)
    maps = {name: whole.even(values[:, i].copy()) for i, name in enumerate(LOCAL)}
    grid = whole.state()
    if grid is None:
        return None
    own = {
        f"elasticity of {reading.name} by local {name}": column
        for name, column in maps.items()
        if column is not None and np.any(column)
    }
    return replace(grid, nodal={**grid.nodal, **own})

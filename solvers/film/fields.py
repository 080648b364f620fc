"""Fields of a film on disk: a .vtu for each state, mirrored to the whole device, and an index."""

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import ufl
from dolfinx import fem

import numpy as np
import numpy.typing as npt

from mitmodels.meshes.mesh_arrays import gathered
from mitmodels.solvers.film.electrothermal import PSI, TEMPERATURE, ElectrothermalFilm
from mitmodels.solvers.film.interfaces import Array
from mitmodels.solvers.runs.parallel import on_root
from mitmodels.solvers.runs.vtk_files import (
    Grid,
    read_collection,
    write_collection,
    write_grid,
)

NODAL = ("potential [V]", "temperature [K]")
_ABOUT = {"t": "s", "V_source": "V", "V_device": "V", "I": "A", "T_max": "K"}
CELLWISE = ("conductivity [S/m]", "current density [A/m2]", "Joule power density [W/m3]", "region")


class WholeFilm:
    """Gathers a film on rank 0 and mirrors it to the whole device."""

    def __init__(self, film: ElectrothermalFilm) -> None:
        self.film = film
        mesh, space = film.device.mesh, film.space
        self._cells = np.arange(mesh.topology.index_map(2).size_local, dtype=np.int32)
        corners = space.dofmap.list[self._cells, :3]
        numbers = space.dofmap.index_map.local_to_global(corners.reshape(-1)).reshape(-1, 3)
        self._triangles = gathered(film.comm, numbers)
        points = gathered(film.comm, space.tabulate_dof_coordinates()[: film.owned, :2])
        points[np.abs(points) < 1e-9 * np.abs(points).max(initial=0.0)] = 0.0
        self._points = points  # exactly on the mirror planes
        psi, T = ufl.split(film.state)
        V, σ = film.voltage, film.conductivity(T, degree=1)  # at the centroid
        current = -σ * V * ufl.grad(psi)
        power = σ * V**2 * ufl.inner(ufl.grad(psi), ufl.grad(psi))
        middle = np.full((1, 2), 1 / 3)
        values = ufl.as_vector([σ, current[0], current[1], power])
        self._cellwise = fem.Expression(values, middle)
        self._regions = gathered(film.comm, self._region_numbers())

    def state(self) -> Grid | None:
        """Return the present fields on rank 0, None elsewhere. Collective."""
        film = self.film
        fields = film.fields
        nodal = gathered(
            film.comm,
            np.column_stack([fields[:, PSI] * float(film.voltage.value), fields[:, TEMPERATURE]]),
        )
        cellwise = self._cellwise.eval(film.device.mesh, self._cells).reshape(-1, 4)
        cells = gathered(film.comm, cellwise)
        if film.comm.rank:
            return None
        if not film.contacts.resistivity:  # no current is computed in the pads
            cells[self._regions != 0] = 0.0
        return self._mirrored(nodal, cells)

    def even(self, values: Array) -> Array | None:
        """Values of owned nodes, even in x and y, in the order of the points of `state`."""
        nodal = gathered(self.film.comm, np.column_stack([np.zeros_like(values), values]))
        if self.film.comm.rank:
            return None
        grid = self._mirrored(nodal, np.zeros((len(self._regions), 4)))
        return np.asarray(grid.nodal[NODAL[1]])

    def _region_numbers(self) -> npt.NDArray[np.int32]:
        regions = np.zeros(len(self._cells), dtype=np.int32)
        for pad in self.film.pads:
            _, cells = self.film.device.entities(pad)
            regions[cells[cells < len(regions)]] = 1
        return regions

    def _mirrored(self, nodal: Array, cells: Array) -> Grid:
        """The whole device; on a quarter, psi is odd and T even in x, both even in y."""
        x, y = self.film.device.copies
        images = list(product((1, -1)[:x], (1, -1)[:y]))
        count = len(self._points)
        points = [self._points * image for image in images]
        odd = [np.array([image[0], 1.0]) for image in images]
        flux = [np.array([1.0, 1.0, image[0] * image[1], 1.0]) for image in images]
        nodal = np.concatenate([nodal * sign for sign in odd])
        cells = np.concatenate([cells * sign for sign in flux])
        triangles = np.concatenate([self._triangles + i * count for i in range(len(images))])
        current = np.column_stack([cells[:, 1:3], np.zeros(len(cells))])
        columns = (cells[:, 0], current, cells[:, 3], np.tile(self._regions, len(images)))
        # Only nodes on a mirror plane coincide with their image, and those exactly.
        flat, first, number = np.unique(
            np.concatenate(points) + 0.0, axis=0, return_index=True, return_inverse=True
        )
        return Grid(
            flat,
            number[triangles],
            nodal=dict(zip(NODAL, nodal[first].T, strict=True)),
            cellwise=dict(zip(CELLWISE, columns, strict=True)),
        )


class FilmFields:
    """Writes the fields of a film's present state.

    Parameters
    ----------
    film : ElectrothermalFilm
    folder : Path
        Where the files go.
    written : sequence of str
        Names of the states that are there already.
    """

    def __init__(self, film: ElectrothermalFilm, folder: Path, written: Sequence[str] = ()) -> None:
        self._folder, self._index = folder, folder / "states.pvd"
        known = on_root(film.comm, lambda: read_collection(self._index))
        self._times = {name: known.get(f"{name}.vtu", 0.0) for name in written}
        self._whole = WholeFilm(film)

    @property
    def written(self) -> list[str]:
        """Names of the states that are there."""
        return list(self._times)

    def write(self, name: str, row: Mapping[str, float]) -> None:
        """Write the present state to ``name.vtu``, and to the index ``states.pvd``.

        Its place there is its time, or its number.

        Parameters
        ----------
        name
            Of the state.
        row
            What it shows; bias, current and largest temperature go into the file.

        Raises
        ------
        RunError
            If the disk does not take it.
        """
        grid = self._whole.state()
        self._times[name] = float(row.get("t", len(self._times)))
        about = {f"{key} [{unit}]": float(row[key]) for key, unit in _ABOUT.items() if key in row}

        def save() -> None:
            assert grid is not None
            write_grid(self._folder / f"{name}.vtu", grid, {"state": name, **about})
            write_collection(self._index, {f"{n}.vtu": t for n, t in self._times.items()})

        on_root(self._whole.film.comm, save)

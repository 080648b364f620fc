"""Field files: the whole device from a quarter of it, as ParaView reads it."""

from dataclasses import asdict
from pathlib import Path

from mpi4py import MPI

import numpy as np
import pytest
import pyvista
from films import joint_set

from mitmodels.cases.film.device import build_solver
from mitmodels.solvers.film.constraints import Drive, drive_at
from mitmodels.solvers.film.fields import FilmFields

MESH = ("mesh.size=5 um", "mesh.edge_size=3 um", "mesh.cells_across=4")


@pytest.fixture(
    scope="module", params=[pytest.param("quarter", marks=pytest.mark.three_ranks), "full"]
)
def files(request, tmp_path_factory):
    """Folder with the fields of two states, the second state, and how symmetric the mesh is."""
    newton = build_solver(joint_set(*MESH, f"geometry.domain={request.param}"))
    folder = MPI.COMM_WORLD.bcast(tmp_path_factory.mktemp("fields"))
    fields = FilmFields(newton.film, folder)
    for name, voltage in (("cold", 1.0), ("warm", 6.0)):
        condition = drive_at(Drive.voltage_source(200.0), voltage, newton.film.voltage_scale)
        state = newton.solve(condition, newton.substrate.start, voltage / 2)
        newton.set_fields(state)
        fields.write(name, {"V_source": voltage, **asdict(state.reading)})
    MPI.COMM_WORLD.barrier()
    # The triangles of a whole device are not mirror images of each other.
    return folder, state, {"quarter": 1e-9, "full": 2e-3}[request.param]


def test_fields_of_the_whole_device(files):
    folder, state, _ = files
    mesh = pyvista.read(folder / "warm.vtu")
    sized = mesh.compute_cell_sizes(length=False, volume=False)
    area, region = sized["Area"], mesh["region"]
    assert area[region == 0].sum() == pytest.approx(5000e-12, rel=1e-6)
    assert area[region == 1].sum() == pytest.approx(5000e-12, rel=1e-6)
    keys = {tuple(point) for point in mesh.points.round(10)}
    assert len(keys) == mesh.n_points
    assert mesh["temperature [K]"].max() == pytest.approx(state.reading.T_max, rel=1e-6)
    assert np.ptp(mesh["potential [V]"]) == pytest.approx(state.voltage, rel=1e-6)


def test_temperature_is_even_and_potential_odd(files):
    folder, _, symmetry = files
    mesh = pyvista.read(folder / "warm.vtu")
    named = {tuple(point): i for i, point in enumerate(mesh.points[:, :2].round(9))}
    for mirror in ((-1, 1), (1, -1), (-1, -1)):
        image = [named.get(tuple((point * mirror).round(9) + 0.0)) for point in mesh.points[:, :2]]
        assert None not in image
        T, V = mesh["temperature [K]"], mesh["potential [V]"]
        np.testing.assert_allclose(T[image], T, rtol=symmetry)
        np.testing.assert_allclose(V[image], mirror[0] * V, atol=symmetry * V.max())


def test_current_flows_through_the_whole_device(files):
    """J = -sigma grad phi in every cell, the same total through every column of cells."""
    folder, state, _ = files
    mesh = pyvista.read(folder / "warm.vtu")
    film = mesh.extract_cells(mesh["region"] == 0)
    J, σ, power = (
        film[name]
        for name in ("current density [A/m2]", "conductivity [S/m]", "Joule power density [W/m3]")
    )
    np.testing.assert_allclose((J**2).sum(axis=1) / σ, power, rtol=1e-6)
    area = film.compute_cell_sizes(length=False, volume=False)["Area"]
    column = np.floor(film.cell_centers().points[:, 0] / 5e-6).astype(int)
    totals = [
        (J[column == c, 0] * area[column == c]).sum() / 5e-6 * 20e-9 for c in np.unique(column)
    ]
    assert len(totals) == 20
    # The midpoint rule on 5 um cells; the sign is that of a current from right to left.
    np.testing.assert_allclose(totals, -state.current, rtol=2e-3)
    pads = mesh.extract_cells(mesh["region"] == 1)
    assert (pads["Joule power density [W/m3]"] == 0).all()


def test_index_has_the_states_and_each_file_says_what_it_is(files):
    folder, state, _ = files
    assert {file.name for file in folder.iterdir()} == {"cold.vtu", "warm.vtu", "states.pvd"}
    reader = pyvista.PVDReader(folder / "states.pvd")
    assert reader.time_values == [0.0, 1.0]
    reader.set_active_time_value(1.0)
    (warm,) = reader.read()
    assert list(warm.field_data["state"]) == ["warm"]
    assert warm.field_data["V_source [V]"] == [6.0]
    assert warm.field_data["I [A]"] == [state.reading.I]
    assert warm.field_data["T_max [K]"] == [state.reading.T_max]


def test_writer_goes_on_with_the_index_of_an_earlier_one(files, mpi_tmp_path):
    newton = build_solver(joint_set(*MESH))
    for written, name, t in (((), "a", 0.5), (("a",), "b", 2.0), (("a",), "c", 3.0)):
        FilmFields(newton.film, mpi_tmp_path, written).write(name, {"t": t, "I": 0.0})
    reader = pyvista.PVDReader(mpi_tmp_path / "states.pvd")
    assert reader.time_values == [0.5, 3.0]
    assert [Path(data.path).name for data in reader.datasets] == ["a.vtu", "c.vtu"]

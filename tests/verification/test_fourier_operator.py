"""The surface operator by Fourier transforms: closed forms, conservation, and the dense one."""

from dataclasses import replace

from mpi4py import MPI

from dolfinx import fem

import numpy as np
import pytest
from films import COARSE, continuation, full_barrier, is_fold, joint_set, trace

from mitmodels.cases.film.device import build_solver
from mitmodels.meshes.planar_channel import PlanarChannel
from mitmodels.solvers.film.constraints import Drive, drive_at
from mitmodels.solvers.film.substrate.fourier_operator import FourierOperator, InverseMass
from mitmodels.solvers.film.substrate.grid_transfer import Grid, Surface, transfer

LENGTH, WIDTH = 100e-6, 50e-6


def rectangle(size, edge_size, cells_across, domain="quarter"):
    """A film without pads or substrate, and its nodes."""
    channel = PlanarChannel(
        LENGTH, WIDTH, 20e-9, 0.0, 0.0, size, edge_size, cells_across, domain=domain
    )
    device = channel.build(MPI.COMM_SELF)
    space = fem.functionspace(device.mesh, ("Lagrange", 1))
    return Surface.of(space, device.copies), space.tabulate_dof_coordinates()[:, :2]


def moved(surface, position, quarter_turns):
    """Turned to the left about the origin, which is then put at a position."""
    turn = np.linalg.matrix_power(np.array([[0, -1], [1, 0]]), quarter_turns)
    return replace(surface, corners=surface.corners @ turn.T + position)


def joined(surfaces):
    """All in one, the nodes of one after those of the other."""
    first = np.cumsum([0, *(surface.size for surface in surfaces)])
    nodes = [surface.nodes + n for surface, n in zip(surfaces, first[:-1], strict=True)]
    corners = [surface.corners for surface in surfaces]
    return Surface(np.concatenate(corners), np.concatenate(nodes), int(first[-1]))


def operator(surface, thickness=np.inf):
    return FourierOperator.of(MPI.COMM_SELF, surface.size, surface, thickness)


def love(points):
    """Rise under one watt per square metre of the rectangle, on a unit conductivity."""
    total = 0.0
    for sx in (1, -1):
        for sy in (1, -1):
            x, y = points[:, 0] + sx * LENGTH / 2, points[:, 1] + sy * WIDTH / 2
            with np.errstate(divide="ignore", invalid="ignore"):
                along = np.where(x == 0, 0, x * np.arcsinh(y / np.abs(x)))
                across = np.where(y == 0, 0, y * np.arcsinh(x / np.abs(y)))
            total += sx * sy * (along + across)
    return total / (2 * np.pi)


@pytest.mark.serial
def test_heated_rectangle_is_loves_integral(record):
    surface, points = rectangle(0.625e-6, 0.3e-6, 14)
    found = operator(surface)(4 * surface.mass @ np.ones(surface.size))
    error = np.abs(found / love(points) - 1)
    at_edge = error[points[:, 1] > WIDTH / 2 - 1e-9].max()
    record("fourier operator, heated rectangle: lateral edge over Love - 1", 3e-3, at_edge)
    record("the same, at all nodes", 5e-3, error.max())
    assert at_edge < 3e-3
    assert error.max() < 5e-3


@pytest.mark.serial
@pytest.mark.parametrize("thickness", [np.inf, 20e-6], ids=["half-space", "slab"])
def test_reciprocity(thickness, record):
    surface = moved(rectangle(5e-6, 2e-6, 4, "full")[0], (3e-6, -7.3e-6), 1)
    S, (a, b) = operator(surface, thickness), np.random.default_rng(0).random((2, surface.size))
    error = a @ S(b) / (b @ S(a)) - 1
    record(f"fourier operator, thickness {thickness:g} m: reciprocity", 1e-14, error)
    assert abs(error) < 1e-14


@pytest.mark.serial
def test_all_heat_arrives_where_it_is_made(record):
    """On a grid that a mesh, moved and turned, does not meet: its heat and centre of heat."""
    surface = moved(rectangle(5e-6, 2e-6, 4, "full")[0], (31.1e-6, -7.3e-6), 3)
    heat = np.random.default_rng(0).random(surface.size)
    grid = Grid.over(surface, (1.1e-6, 0.7e-6))
    flux = InverseMass(surface.mass)(heat)
    on_grid = (transfer(surface, grid).T @ flux).reshape(grid.shape)
    lost = on_grid.sum() / heat.sum() - 1
    record("fourier operator: heat on the grid over that of the nodes - 1", 1e-12, lost)
    assert abs(lost) < 1e-12
    # Moments of a linear flux on each triangle: the mean of the corners and of the centre.
    q, corners = flux[surface.nodes], surface.corners
    weights = surface.mass @ np.ones(surface.size)
    for axis in range(2):
        place = grid.origin[axis] + grid.spacing[axis] * np.arange(grid.shape[axis])
        found = (on_grid.sum(axis=1 - axis) * place).sum()
        (ax, ay), (bx, by) = (corners[:, 1:] - corners[:, :1]).transpose(1, 2, 0)
        areas = np.abs(ax * by - ay * bx) / 2
        x = corners[:, :, axis]
        exact = (areas / 12 * ((q * x).sum(axis=1) + q.sum(axis=1) * x.sum(axis=1))).sum()
        assert found == pytest.approx(exact, abs=1e-12 * np.abs(x).max() * heat.sum())
    assert weights.sum() == pytest.approx(LENGTH * WIDTH, rel=1e-12)


@pytest.mark.serial
def test_mirrors_are_images(record):
    """Cosine transforms of a quarter against its four images, on the same points of the grid."""
    quarter, _ = rectangle(5e-6, 2e-6, 4)
    grid = Grid.over(quarter, quarter.half_a_cell)
    images = joined(
        [replace(quarter, corners=quarter.corners * (x, y)) for x in (1, -1) for y in (1, -1)]
    )
    (hx, hy), (nx, ny) = grid.spacing, grid.shape
    whole = Grid(grid.spacing, (hx / 2 - nx * hx, hy / 2 - ny * hy), (2 * nx, 2 * ny), (False,) * 2)
    heat = np.random.default_rng(0).random(quarter.size)
    alone, all_four = (
        FourierOperator(MPI.COMM_SELF, s.size, s, g)(b)
        for s, g, b in ((quarter, grid, 4 * heat), (images, whole, np.tile(heat, 4)))
    )
    error = np.abs(all_four.reshape(4, -1) / alone - 1).max()
    record("fourier operator, a quarter against its four images", 1e-12, error)
    assert error < 1e-12


def test_state_is_that_of_the_dense_operator(record):
    solvers = [build_solver(joint_set(*COARSE, f"substrate.operator={name}")) for name in BOTH]
    film = solvers[0].film
    condition = drive_at(Drive.voltage_source(200.0), 6.0, film.voltage_scale)
    states = [n.solve(condition, n.substrate.start, 3.0) for n in solvers]
    a, b = (n.layout.owned(state.fields) for n, state in zip(solvers, states, strict=True))
    error = film.comm.allreduce(np.abs((a - b) / [1.0, 100.0]).max(), MPI.MAX)
    record("half-space, fourier against dense: psi and T of a state", 5e-3, error)
    assert error < 5e-3
    assert states[0].reading.T_max > 120


BOTH = ("dense", "fourier")


@pytest.mark.slow
@pytest.mark.serial
def test_lsmo_iv_is_that_of_the_dense_operator(record):
    rows = {}
    for name in BOTH:
        branch = trace(continuation(joint_set(f"substrate.operator={name}")), 55.0)
        up, down = (point.drive for point in branch.points if is_fold(point))
        rows[name] = {
            "V_up": up,
            "V_down": down,
            "I_max": max(p.state.current for p in branch.points if p.s <= branch.folds[0].s),
            "V_full": full_barrier(branch),
            "d": branch.land(up)[-1].state.reading.barrier_width,
        }
    tolerances = {"V_up": 1e-3, "I_max": 1e-3, "V_down": 3e-3, "V_full": 3e-3, "d": 1e-2}
    for key, tolerance in tolerances.items():
        error = rows["fourier"][key] / rows["dense"][key] - 1
        record(f"lsmo_iv, fourier against dense operator: {key} - 1", tolerance, error)
        assert abs(error) < tolerance

"""The channel: its areas, its names, and lengths that make none."""

from dataclasses import replace

from mpi4py import MPI

from dolfinx import fem

import numpy as np
import pytest

from mitmodels.meshes.planar_channel import PlanarChannel

CHANNEL = PlanarChannel(
    length=100e-6,
    width=50e-6,
    thickness=20e-9,
    pad_length=50e-6,
    far=300e-6,
    size=5e-6,
    edge_size=2e-6,
    cells_across=5,
)


def total(device, measure):
    return device.mesh.comm.allreduce(fem.assemble_scalar(fem.form(1.0 * measure)))


@pytest.mark.parametrize("domain", ["quarter", "full"])
def test_measures_are_those_of_the_whole_device(domain):
    device = replace(CHANNEL, domain=domain).build(MPI.COMM_WORLD)
    pads = [name for name in ("pad_left", "pad_right") if name in device.names]
    assert len(pads) == (1 if domain == "quarter" else 2)
    film, _ = device.restrict("film")
    found = {
        "film area": total(device, device.dA("film")),
        "film volume": total(device, device.dx("film")),
        "pads": total(device, device.dA(*pads)),
        "lateral edges": total(film, film.dl("lateral_edge")),
    }
    exact = {
        "film area": 5000e-12,
        "film volume": 5000e-12 * 20e-9,
        "pads": 2 * 2500e-12,
        "lateral edges": 200e-6,
    }
    assert found == pytest.approx(exact, rel=1e-12)
    # The circle is a polygon of chords of a fifth of its radius.
    disc = np.pi * 300e-6**2
    assert 0.98 * disc < total(device, device.dA()) < disc
    assert device.copies == ((2, 2) if domain == "quarter" else (1, 1))


def test_film_is_graded_to_the_lateral_edge():
    channel = replace(CHANNEL, far=0.0, pad_length=0.0)
    device = channel.build(MPI.COMM_WORLD)
    y = np.unique(np.concatenate(MPI.COMM_WORLD.allgather(device.mesh.geometry.x[:, 1])).round(12))
    heights = np.diff(y)
    assert len(heights) == 5
    assert heights[-1] == pytest.approx(2e-6, rel=1e-3)
    assert (np.diff(heights) < 0).all()
    assert y[-1] == pytest.approx(25e-6)


@pytest.mark.serial
def test_uniform_rows_when_the_edge_size_asks_for_no_grading():
    device = replace(CHANNEL, far=0.0, edge_size=25e-6, cells_across=4).build(MPI.COMM_WORLD)
    y = np.unique(np.concatenate(MPI.COMM_WORLD.allgather(device.mesh.geometry.x[:, 1])).round(12))
    np.testing.assert_allclose(np.diff(y), 6.25e-6, rtol=1e-9)


@pytest.mark.three_ranks
@pytest.mark.parametrize("domain", ["quarter", "full"])
def test_named_parts_lie_where_their_names_say(domain):
    device = replace(CHANNEL, domain=domain).build(MPI.COMM_WORLD)
    space = fem.functionspace(device.mesh, ("Lagrange", 1))
    x = space.tabulate_dof_coordinates()
    planes = {
        "midplane": (0, [0.0]),
        "midline": (1, [0.0]),
        "contact_right": (0, [50e-6]),
        "lateral_edge": (1, [25e-6] if domain == "quarter" else [-25e-6, 25e-6]),
    }
    if domain == "full":
        planes["contact_left"] = (0, [-50e-6])
    for name, (axis, positions) in planes.items():
        here = x[device.dofs(space, name), axis]
        distances = np.min(np.abs(here[:, None] - positions), axis=1, initial=np.inf)
        assert (distances < 1e-12).all(), name
        assert MPI.COMM_WORLD.allreduce(len(here)) > 0, name
    for name, place in (("centre", (0.0, 0.0)), ("contact_centre", (50e-6, 0.0))):
        here = x[device.dofs(space, name), :2]
        np.testing.assert_allclose(here, np.broadcast_to(place, here.shape), atol=1e-12)
        assert MPI.COMM_WORLD.allreduce(len(here)) > 0


@pytest.mark.serial
@pytest.mark.parametrize("name", ["length", "width", "thickness", "size", "edge_size"])
@pytest.mark.parametrize("value", [0.0, -1e-6])
def test_lengths_must_be_positive(name, value):
    with pytest.raises(ValueError, match=f"{name} = {value} m must be positive"):
        replace(CHANNEL, **{name: value})


@pytest.mark.serial
@pytest.mark.parametrize(
    "change", [{"pad_length": -1e-6}, {"cells_across": 0}, {"pad_growth": 1.0}]
)
def test_pads_and_rows_must_exist(change):
    message = "pad_length must not be negative, cells_across at least 1 and pad_growth above 1"
    with pytest.raises(ValueError, match=message):
        replace(CHANNEL, **change)


@pytest.mark.serial
def test_far_circle_must_hold_the_device():
    message = (
        r"far = 0.0002 m must be at least twice the half diagonal of film and pads, 0.000103 m"
    )
    with pytest.raises(ValueError, match=message):
        replace(CHANNEL, far=200e-6)


@pytest.mark.serial
@pytest.mark.parametrize("domain", ["quarter", "full"])
@pytest.mark.parametrize("structured", [True, False])
@pytest.mark.parametrize("size", [5e-6, 1.25e-6])
def test_nodes_are_estimated_before_they_are_made(domain, structured, size):
    """Within a factor of two, the surroundings included."""
    channel = replace(CHANNEL, domain=domain, structured=structured, size=size)
    made = channel.build(MPI.COMM_SELF).mesh.topology.index_map(0).size_global
    assert 0.5 < channel.nodes / made < 2

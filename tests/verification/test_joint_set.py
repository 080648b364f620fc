"""Key figures of the joint parameter set on a half-space, converged and scaled.

The references are those of an independent finite-element study of the same model.
"""

from mpi4py import MPI

import numpy as np
import pytest
from films import (
    COARSE,
    GRADED,
    SMALL_DEVICE,
    continuation,
    full_barrier,
    is_fold,
    joint_set,
    trace,
)

REFERENCE = {
    "V_up [V]": (16.58, 0.005),
    "V_down [V]": (15.58, 0.01),
    "V_full [V]": (50.05, 0.005),
    "I_max [A]": (16.93e-3, 0.005),
    "d at 20 V [m]": (24.35e-6, 0.015),
    "d at 30 V [m]": (52.4e-6, 0.015),
}
PRODUCTION = pytest.param((), marks=pytest.mark.slow, id="production")
REFINED = ("mesh.size=0.3125 um", "mesh.edge_size=0.15 um", "mesh.cells_across=28")


def key_figures(*overrides):
    branch = trace(continuation(joint_set(*overrides)), 55.0)
    (up, down), peak = branch.folds, branch.maximum()
    widths = [branch.land(V)[-1].state.reading.barrier_width for V in (20.0, 30.0)]
    values = (up.drive, down.drive, full_barrier(branch), peak.state.current, *widths)
    return dict(zip(REFERENCE, values, strict=True))


@pytest.mark.serial
@pytest.mark.parametrize("mesh", [pytest.param(GRADED, id="small"), PRODUCTION])
def test_key_figures(mesh, record):
    found = key_figures(*mesh)
    for name, (reference, tolerance) in REFERENCE.items():
        record(f"half-space, joint set: {name} = {reference:g}", f"{tolerance:.1%}", found[name])
    for name, (reference, tolerance) in REFERENCE.items():
        assert found[name] == pytest.approx(reference, rel=tolerance), name


@pytest.mark.slow
@pytest.mark.serial
def test_mesh_refined_once(record):
    found, refined = key_figures(), key_figures(*REFINED)
    limits = {"V_up [V]": 0.003, "V_down [V]": 0.006, "V_full [V]": 0.003}
    changes = {name: abs(found[name] / refined[name] - 1) for name in limits}
    for name, limit in limits.items():
        record(f"half-space, mesh refined once: change of {name}", limit, changes[name])
    assert all(changes[name] < limit for name, limit in limits.items())


def grading(factor, degree):
    """The shipped mesh with longer elements, of a degree."""
    return (
        f"mesh.size={0.625 * factor:g} um",
        f"mesh.edge_size={0.3 * factor:g} um",
        f"mesh.cells_across={round(14 / factor)}",
        f"mesh.degree={degree}",
    )


@pytest.mark.slow
@pytest.mark.serial
def test_quadratic_elements_converge(record):
    """At the same number of nodes they err less than linear ones; see docs/theory/lsmo.md."""
    names = ("V_up [V]", "V_down [V]", "V_full [V]")
    found = {}
    for degree, factors in ((1, (4, 2, 1)), (2, (8, 4, 2, 1.4))):
        for factor in factors:
            values = key_figures(*grading(factor, degree))
            found[degree, factor] = np.array([values[name] for name in names])
    reference = found[2, 1.4]
    for (degree, factor), values in found.items():
        for name, value in zip(names, values, strict=True):
            record(
                f"half-space, degree {degree}, elements {factor:g} x shipped: {name}", "-", value
            )
    errors = {key: np.abs(values / reference - 1) for key, values in found.items()}
    assert (errors[2, 4] < errors[1, 2]).all()
    assert (errors[2, 2] < errors[1, 1]).all()
    assert (errors[2, 4] < [1e-3, 5e-3, 1e-3]).all()


def test_quadratic_elements_find_the_fold_with_few_nodes():
    """231 nodes: 16.580 V, of 16.572 V; 245 of linear elements give 16.619 V. On all ranks."""
    overrides = ("mesh.size=5 um", "mesh.edge_size=2.4 um", "mesh.cells_across=3", "mesh.degree=2")
    fold = first_fold(*overrides)
    assert fold.drive == pytest.approx(16.572, rel=1e-3)
    branch = trace(continuation(joint_set(*overrides, comm=MPI.COMM_SELF)), 30.0, is_fold)
    assert fold.drive == pytest.approx(branch.points[-1].drive, rel=1e-9)


def first_fold(*overrides):
    return trace(continuation(joint_set(*overrides)), 30.0, is_fold).points[-1]


@pytest.mark.serial
@pytest.mark.parametrize("mesh", [pytest.param(COARSE, id="small"), PRODUCTION])
def test_far_boundary(mesh, record):
    near, far = (first_fold(*mesh, f"geometry.far={x} um").drive for x in (300, 1000))
    record("half-space, far boundary 300 -> 1000 um: change of V_up", 1e-3, abs(near / far - 1))
    assert near == pytest.approx(far, rel=1e-3)


def test_small_device(record):
    fold = first_fold(*SMALL_DEVICE)
    record("half-space, 10 x 10 um2, 1 kohm: V_up [V] = 12.43", "0.5%", fold.drive)
    assert fold.kind == "fold"
    assert fold.drive == pytest.approx(12.43, rel=0.005)


@pytest.mark.serial
@pytest.mark.parametrize("mesh", [pytest.param(COARSE, id="small"), PRODUCTION])
def test_scaling_of_all_thermal_conductances(mesh, record):
    """V and I scale by their root; a resistance is their ratio and stays, the contacts' too."""
    scale = 0.8
    scaled = (
        f"substrate.conductivity={8 * scale} W/(m K)",
        f"film.thermal_conductivity={2 * scale} W/(m K)",
        f"pads.sheet_conductance={2e-5 * scale} W/K",
    )
    rows = []
    for overrides, factor in (((), 1.0), (scaled, np.sqrt(scale))):
        branch = trace(continuation(joint_set(*mesh, *overrides)), 22.0 * factor)
        points = (*branch.folds, branch.maximum(), *branch.land(20.0 * factor))
        rows.append([(p.drive, p.state.current, p.state.reading.T_max) for p in points])
    reference, found = np.array(rows)
    ratio = found / reference / [np.sqrt(scale), np.sqrt(scale), 1.0]
    error = np.abs(ratio - 1).max()
    record("half-space, thermal conductances scaled together: V, I, T", 1e-6, error)
    assert error < 1e-6


@pytest.mark.serial
@pytest.mark.parametrize("mesh", [pytest.param(COARSE, id="small"), PRODUCTION])
def test_heat_of_the_contacts_in_the_pads(mesh, record):
    """The warmer film switches, and is full of barrier, at lower voltages."""
    rows = []
    for heat in ("none", "pads"):
        branch = trace(continuation(joint_set(*mesh, f"contact.heat={heat}")), 55.0)
        up, down = (fold.drive for fold in branch.folds)
        rows.append((up, down, full_barrier(branch)))
        for name, value in zip(("V_up", "V_down", "V_full"), rows[-1], strict=True):
            record(f'contact heat "{heat}": {name} [V]', "reported", value)
    (up, _, full), (warm_up, _, warm_full) = rows
    assert 0.95 * up < warm_up < up
    assert 0.95 * full < warm_full < full

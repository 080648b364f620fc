"""Substrate whose conductivity depends on the temperature: Kirchhoff's transform and the mount."""

from mpi4py import MPI

import numpy as np
import pytest
from films import COARSE, continuation, joint_set, trace

from mitmodels.cases.film.device import build_solver
from mitmodels.solvers.film.constraints import Drive, drive_at

WIDE = (
    "geometry.length=200 um",
    "geometry.width=200 um",
    "geometry.far=600 um",
    "mesh.size=10 um",
    "mesh.edge_size=0.3 um",
    "mesh.cells_across=10",
)
FEW = ("mesh.size=12.5 um", "mesh.edge_size=12.5 um", "mesh.cells_across=3", "geometry.far=250 um")
TABLE = (
    'substrate.temperatures=["50 K","100 K","150 K","200 K","300 K","400 K","500 K","600 K"]',
    "substrate.conductivities=["
    + ",".join(f'"{k} W/(m K)"' for k in (25, 19, 15.5, 13.5, 11, 9.3, 8.1, 7.2))
    + "]",
    "substrate.beyond=slope",
)
ALL = (*TABLE, "substrate.boundary_resistance=1e-7 m2 K/W", "substrate.mount_resistance=80 K/W")


def constant(*options):
    """The shipped conductivity as a table."""
    points = '["50 K","300 K","1500 K"]', '["8 W/(m K)","8 W/(m K)","8 W/(m K)"]'
    keys = ("temperatures", "conductivities")
    table = (f"substrate.{key}={text}" for key, text in zip(keys, points, strict=True))
    return joint_set(*options, *table)


def even_flux(newton, flux):
    """Heat per node, in the unknown's unit, of an even flux [W/m2] out of film and pads."""
    film = newton.film
    return newton.layout.gather(film.node_areas("film", *film.pads)) * flux / film.power_scale


def largest(newton, values):
    """Largest magnitude over all ranks."""
    here = np.abs(newton.layout.owned(values)).max(initial=0.0)
    return newton.film.comm.allreduce(here, MPI.MAX)


def solved(newton):
    """Metallic state at 12 V of the source, by way of two cooler ones."""
    unknown, V_film = newton.substrate.start, 3.0
    for V in (6.0, 9.0, 12.0):
        condition = drive_at(Drive.voltage_source(200.0), V, newton.film.voltage_scale)
        state = newton.solve(condition, unknown, V_film)
        unknown, V_film = state.unknown, state.voltage
    return state


@pytest.mark.serial
def test_table_of_equal_values_gives_the_branch_of_the_number(record):
    branches = [
        trace(continuation(device), 25.0, lambda p: p.kind == "fold" and p.drive < 16)
        for device in (joint_set(*COARSE), constant(*COARSE))
    ]
    number, table = (
        np.array([[p.drive, p.state.current] for p in branch.points]) for branch in branches
    )
    error = np.abs(table / np.maximum(number, 1e-30) - 1)[1:].max()
    record("constant conductivity as a table: branch over that of the number - 1", 1e-10, error)
    assert sum(p.kind == "fold" for p in branches[0].points) == 2
    assert error < 1e-10


@pytest.mark.serial
def test_branch_on_a_crystal_that_conducts_better_the_colder_it_is(record):
    """Shipped film without contact resistance: folds and width, as measured beforehand."""
    device = joint_set(*COARSE, *TABLE, "contact.resistance_width=0 ohm m")
    branch = trace(continuation(device), 17.0)
    (up, down), width = branch.folds, branch.jumps()[0].after.reading.barrier_width
    for name, value, expected, tolerance in (
        ("V_up [V]", up.drive, 16.49, 0.01),
        ("V_down [V]", down.drive, 15.50, 0.02),
        ("width after the jump [m]", width, 11.0e-6, 0.03),
    ):
        record(
            f"table of a crystal, no contact resistance: {name}",
            f"{expected} +- {tolerance:.0%}",
            value,
        )
        assert value == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize(
    "exponent", [*(pytest.param(n, marks=pytest.mark.serial) for n in (0.5, 1.0)), 1.3]
)
def test_transform_of_the_constant_solution_is_that_of_a_power_law(exponent, record):
    """A heat b and kappa = c T^-n: theta = (kappa_0 = kappa(T_0)) rise of constant kappa_0."""
    T0, power = 100.0, f"substrate.conductivity_exponent={exponent}"
    law, number = (build_solver(joint_set(*FEW, *o)) for o in ((power,), ()))
    k0 = 8.0 * 3.0**exponent
    flux = 4e7
    T = law.substrate.temperature(even_flux(law, flux))
    rise = (number.substrate.temperature(even_flux(number, flux)) - T0) * 8.0 / k0
    m = 1 - exponent
    exact = T0 * np.exp(rise / T0) if m == 0 else T0 * (1 + m * rise / T0) ** (1 / m)
    error = largest(law, T / exact - 1)
    record(f"power law 1/T^{exponent:g}: T over its transform - 1", 1e-10, error)
    assert largest(law, T) > 150
    assert error < 1e-10


@pytest.mark.serial
def test_wide_film_on_a_slab_of_conductivity_a_over_T(record):
    """T(centre) = T_b exp(q d/a): one-dimensional where the film is wide against the slab."""
    d, q = 16e-6, 7.5e7
    options = ("substrate.thickness=16 um", "substrate.conductivity_exponent=1", *WIDE)
    newton = build_solver(joint_set(*options))
    T = newton.substrate.temperature(even_flux(newton, q))
    centre = T @ newton.layout.gather(newton.film.indicator("centre"))
    error = centre / (100 * np.exp(q * d / (8 * 300))) - 1
    record("wide film on a slab, kappa = a/T: centre over T_b exp(q d/a) - 1", 1e-3, error)
    assert abs(error) < 1e-3


@pytest.mark.parametrize("operator", ["dense", "fourier"])
def test_derivative(operator, record):
    """At a hot state with table, boundary and mount, against differences."""
    newton = build_solver(joint_set(*FEW, *ALL, f"substrate.operator={operator}"))
    substrate, layout = newton.substrate, newton.layout
    heat = even_flux(newton, 3e7)
    x = layout.gather(newton.film.space.tabulate_dof_coordinates()[: newton.film.owned])
    v = heat * (1 + 0.5 * np.sin(1e5 * x[:, 0]))
    D = substrate.derivative(heat, substrate.temperature(heat))
    h = 1e-3
    difference = (substrate.temperature(heat + h * v) - substrate.temperature(heat - h * v)) / 2 / h
    error = largest(newton, D(v) - difference) / largest(newton, D(v))
    record(f"substrate of kappa(T), {operator}: derivative against differences", 1e-6, error)
    assert error < 1e-6
    if layout.replicated:
        np.testing.assert_allclose(D.matrix @ v, D(v), rtol=1e-12)


def test_jacobian_of_the_bordered_system(record):
    """Film, substrate and constraint together, with the heat of the contacts in the pads."""
    newton = build_solver(joint_set(*FEW, *ALL, "contact.heat=pads"))
    state = solved(newton)
    system, scale = newton.system, newton.film.voltage_scale
    condition = drive_at(Drive.voltage_source(200.0), 12.0, scale)
    newton.linearise(state, condition)
    change = np.column_stack(
        [1e-3 * np.cos(1e5 * np.arange(len(state.unknown))), state.unknown[:, 1]]
    )
    change[newton.layout.gather(newton.film.fixed) > 0] = 0.0
    rows, last = system.jacobian_times(change, 0.1)
    h = 1e-4
    (up, c_up), (down, c_down) = (
        system.residual(
            state.unknown + s * h * change, state.voltage + s * h * 0.1 * scale, condition
        )
        for s in (1, -1)
    )
    error = largest(newton, (up - down) / 2 / h - rows) / largest(newton, rows)
    record("film on a substrate of kappa(T): Jacobian against differences", 1e-6, error)
    assert error < 1e-6
    assert (c_up - c_down) / 2 / h == pytest.approx(last, rel=1e-6)


def test_mount_makes_all_temperatures_rise_by_its_power(record):
    """Of a constant conductivity; with kappa(T), it is an ambient that is as much warmer."""
    R, flux = 80.0, 2e7
    mount = f"substrate.mount_resistance={R} K/W"
    for name, options in (("a number", ()), ("a table", TABLE)):
        held = build_solver(joint_set(*FEW, *options, mount))
        heat = even_flux(held, flux)
        P = held.film.power_scale * held.layout.dot(np.ones_like(heat), heat)
        warm = build_solver(joint_set(*FEW, *options, f"ambient.temperature={100 + R * P!r} K"))
        T = warm.substrate.temperature(heat * held.film.power_scale / warm.film.power_scale)
        error = largest(held, held.substrate.temperature(heat) / T - 1)
        record(f"mount behind a substrate of {name}: T against a warmer ambient - 1", 1e-10, error)
        assert R * P > 10
        assert error < 1e-10


@pytest.mark.skipif(MPI.COMM_WORLD.size == 1, reason="compares several ranks with one")
@pytest.mark.parametrize(
    "operator", [pytest.param("dense", marks=pytest.mark.three_ranks), "fourier"]
)
def test_state_does_not_depend_on_the_number_of_ranks(operator):
    several, alone = (
        solved(build_solver(joint_set(*FEW, *ALL, f"substrate.operator={operator}", comm=comm)))
        for comm in (MPI.COMM_WORLD, MPI.COMM_SELF)
    )
    assert several.current == pytest.approx(alone.current, rel=1e-8)
    assert several.reading.T_max == pytest.approx(alone.reading.T_max, rel=1e-8)

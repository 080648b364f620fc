"""Weak forms of the cell against exact solutions: T1, T4, T5 and Jacobian."""

from dataclasses import replace

from mpi4py import MPI

from dolfinx import fem
from dolfinx.fem.petsc import LinearProblem, NonlinearProblem

import numpy as np
import pytest
from ecm_cells import CU_SIO2_PT, layered
from scipy.optimize import brentq

from mitmodels.cell.metals import Conductivity
from mitmodels.solvers.cell.forms import CellFields, CellForms

NM = 1e-9
LU = {"ksp_type": "preonly", "pc_type": "lu", "pc_factor_mat_solver_type": "mumps"}
SLAB = ["filament", "oxide", "active"]


def forms_on(device, degree=1, model=CU_SIO2_PT, thickness=10 * NM):
    fields = CellFields.on(device.mesh, degree)
    fields.thinness.x.array[:] = 1.0
    return CellForms(device, model, thickness, fields)


def pinned(forms, *regions):
    space = forms.fields.psi.function_space
    inside = fem.Function(space)
    inside.x.array[forms.device.dofs(space, *regions)] = 1.0
    inside.x.scatter_forward()
    return fem.dirichletbc(0.0, np.flatnonzero(inside.x.array == 0).astype(np.int32), space)


def grounded(forms):
    space = forms.fields.psi.function_space
    return fem.dirichletbc(0.0, forms.device.dofs(space, "bottom"), space)


def integral(form):
    return MPI.COMM_WORLD.allreduce(fem.assemble_scalar(fem.form(form)))


def conductance(forms):
    """Conductance of the metal from the heat at one volt: its error is that of the energy."""
    metal = forms.metal()
    problem = LinearProblem(
        metal["metal_a"],
        metal["metal_L"],
        u=forms.fields.psi,
        bcs=[pinned(forms, "counter", "filament"), grounded(forms)],
        petsc_options=LU,
        petsc_options_prefix="test_metal_",
    )
    problem.solve()
    energy = integral(metal["joule"]) + integral(metal["tunnel_heat"])
    assert energy == pytest.approx(integral(metal["conductance"]), rel=1e-12)
    return energy


@pytest.mark.parametrize("charge_number", [1, 2])
@pytest.mark.parametrize("voltage", [0.01, 0.5, 2.0, 5.0])
def test_planar_slab_is_the_root_of_a_scalar_equation(charge_number, voltage, record) -> None:
    """Butler-Volmer, Mott-Gurney, Butler-Volmer in series; at 5 V hops gain up to 6 kT."""
    kinetics = replace(
        CU_SIO2_PT.kinetics, charge_number=charge_number, exchange_current_density=3.6e3
    )
    hopping = replace(CU_SIO2_PT.hopping, charge_number=charge_number)
    model = replace(CU_SIO2_PT, kinetics=kinetics, hopping=hopping)
    device = layered(MPI.COMM_WORLD, ((0.0, 0.0), (5 * NM, 30 * NM)), (3, 9), SLAB)
    # The electrode's plane is far above: no barrier in the void.
    forms = forms_on(device, model=replace(model, barrier=replace(model.barrier, mechanical=0.0)))
    forms = replace(forms, thickness=1.0)

    def front(current):
        """Potential of the electrolyte at the filament for a current density."""
        return brentq(lambda u: -kinetics(-u, 300.0) - current, 0.0, voltage, xtol=1e-16)

    def excess(field):
        current = field * float(hopping(field**2, 300.0))
        try:
            near = front(current)
        except ValueError:
            return 1.0
        return current - kinetics(voltage - near - field * 10 * NM, 300.0)

    field = brentq(excess, 0.0, voltage / (10 * NM), xtol=1e-9, rtol=1e-14)
    near = front(field * float(hopping(field**2, 300.0)))

    forms.fields.voltage.value = voltage
    level = brentq(lambda u: -kinetics(-u, 300.0) - kinetics(voltage - u, 300.0), 0.0, voltage)
    forms.fields.level.value = level
    forms.fields.ion_scale.value = 1 / (field * float(hopping(field**2, 300.0)) * 1e-16)
    ions = forms.ions()
    problem = NonlinearProblem(
        ions["ions_F"],
        forms.fields.deviation,
        J=ions["ions_J"],
        bcs=[pinned(forms, "oxide")],
        petsc_options=LU | {"snes_atol": 1e-12, "snes_rtol": 0.0, "snes_max_it": 300},
        petsc_options_prefix="test_slab_",
    )
    problem.solve()
    assert problem.solver.getConvergedReason() > 0
    space = forms.fields.deviation.function_space
    ends = [
        level + forms.fields.deviation.x.array[device.dofs(space, name)]
        for name in ("outline", "electrode")
    ]
    errors = [np.abs(ends[0] - near), np.abs(ends[1] - near - field * 10 * NM)]
    worst = max(MPI.COMM_WORLD.allgather(max(e.max(initial=0.0) for e in errors))) / voltage
    record("planar slab, potential", "1e-10", f"{worst:.1e}")
    assert worst < 1e-10
    assert integral(ions["plating"]) == pytest.approx(integral(ions["dissolution"]), rel=1e-9)


def metal_model(sigma_counter, sigma_filament):
    return replace(
        CU_SIO2_PT,
        counter_conductivity=Conductivity(sigma_counter),
        filament_conductivity=Conductivity(sigma_filament),
    )


@pytest.mark.three_ranks
def test_straight_tube_is_three_resistances_in_series(record) -> None:
    radius, layer, gap = 2 * NM, 5 * NM, 0.2 * NM
    device = layered(
        MPI.COMM_WORLD,
        ((0.0, 0.0), (radius, 4 * layer)),
        (4, 16),
        ["counter", "filament", "oxide", "active"],
    )
    forms = forms_on(device, model=metal_model(9.4e6, 1e7))
    forms.fields.gap.x.array[:] = gap
    area = np.pi * radius**2
    per_area = layer / 9.4e6 + layer / 1e7 + 1 / CU_SIO2_PT.tunnel.conductance(gap)
    error = abs(conductance(forms) * per_area / area - 1)
    record("straight tube, conductance", "1e-8", f"{error:.1e}")
    assert error < 1e-8


@pytest.mark.serial
@pytest.mark.parametrize(("degree", "order"), [(1, 2), (2, 4)])
def test_radial_flow_converges_in_energy(degree, order, record) -> None:
    """Coaxial rings of metal around the outline, grounded outside."""
    a, b, length, gap = 1 * NM, 4 * NM, 3 * NM, 0.05 * NM
    sigma = 1e5  # so that the metal, not the gap, carries the resistance
    tunnel = CU_SIO2_PT.tunnel.conductance(gap) * 2 * np.pi * a * length
    exact = 1 / (1 / tunnel + np.log(b / a) / (2 * np.pi * sigma * length))
    errors = []
    for n in (6, 12, 24):
        device = layered(
            MPI.COMM_WORLD,
            ((0.0, 0.0), (b, length)),
            (4 * n, n),
            ["oxide", "filament", "counter", "counter"],
            axis=0,
            ends=("top", "bottom"),
        )
        forms = forms_on(device, degree, metal_model(sigma, sigma))
        forms.fields.gap.x.array[:] = gap
        errors.append(abs(conductance(forms) / exact - 1))
    rate = np.log2(errors[1] / errors[2])
    record(f"radial flow, order at degree {degree}", f"{order}", f"{rate:.2f}")
    assert rate == pytest.approx(order, abs=0.15)


@pytest.mark.serial
def test_spreading_from_a_hemisphere_converges_in_energy(record) -> None:
    a, b, gap, sigma = 1 * NM, 5 * NM, 0.05 * NM, 1e5
    tunnel = CU_SIO2_PT.tunnel.conductance(gap) * 2 * np.pi * a**2
    exact = 1 / (1 / tunnel + (1 / a - 1 / b) / (2 * np.pi * sigma))

    def bend(x):
        """Map (log of the distance, angle) to (r, z); the oxide is the inner shell."""
        distance, angle = np.exp(x[:, 0]) * NM, x[:, 1]
        return np.column_stack((distance * np.sin(angle), distance * np.cos(angle)))

    errors = []
    for n in (8, 16, 32):
        # Layers equal in ln(distance): two of metal from 1 nm to 5 nm, the oxide inside.
        outer = np.log(5.0)
        device = layered(
            MPI.COMM_WORLD,
            ((-outer / 2, 0.0), (outer, np.pi / 2)),
            (3 * n, n),
            ["oxide", "filament", "counter"],
            axis=0,
            bend=bend,
            ends=("top", "bottom"),
        )
        forms = forms_on(device, model=metal_model(sigma, sigma))
        forms.fields.gap.x.array[:] = gap
        errors.append(abs(conductance(forms) / exact - 1))
    rate = np.log2(errors[1] / errors[2])
    record(
        "hemisphere, order and error at 1600 unknowns", "2; 1.5e-3", f"{rate:.2f}; {errors[1]:.1e}"
    )
    assert rate == pytest.approx(2, abs=0.15)
    assert errors[1] < 1.5e-3


def test_shares_of_the_tunnel_heat_add_up() -> None:
    """Constant share and closed form, which depends on gap and voltage."""
    device = layered(
        MPI.COMM_WORLD,
        ((0.0, 0.0), (2 * NM, 20 * NM)),
        (4, 16),
        ["counter", "filament", "oxide", "active"],
    )
    for share, bounds in ((0.3, (0.3, 0.3)), (None, (0.3, 0.5))):
        model = replace(CU_SIO2_PT, filament_heat_fraction=share)
        forms = forms_on(device, model=model)
        forms.fields.gap.x.array[:] = 0.4 * NM
        forms.fields.voltage.value = 1.7
        conductance(forms)
        heat = forms.heat()
        part = integral(heat["filament_heat"]) / (1.7**2 * integral(forms.metal()["tunnel_heat"]))
        assert bounds[0] - 1e-12 <= part <= bounds[1] + 1e-12


def test_closed_form_of_the_share_is_that_of_the_barrier(record) -> None:
    """At a metal so good that the whole voltage drops over one gap, in both directions."""
    device = layered(MPI.COMM_WORLD, ((0.0, 0.0), (2 * NM, 20 * NM)), (2, 8), ["counter", *SLAB])
    forms = forms_on(device, model=replace(CU_SIO2_PT, filament_heat_fraction=None))
    forms.fields.gap.x.array[:] = 0.4 * NM  # psi = 0: as if the metal had no resistance
    tunnel, received = integral(forms.metal()["tunnel_heat"]), forms.model.tunnel.receiving_fraction
    errors = []
    for V in (1.7, -1.7, 1e-4):
        forms.fields.voltage.value = V
        share = integral(forms.heat()["filament_heat"]) / (V**2 * tunnel)
        expected = received(abs(V), 0.4 * NM)
        errors.append(abs(share - (1 - expected if V > 0 else expected)))
    record("closed form of the filament's share of the tunnel heat", "1e-12", f"{max(errors):.1e}")
    assert max(errors) < 1e-12

"""One state of a cell at 0.1 mA: balances, remeshing, moving, and a monolithic second opinion."""

from dataclasses import dataclass, replace
from typing import Any

from mpi4py import MPI

import dolfinx
import ufl
from dolfinx import fem
from dolfinx.fem.petsc import NonlinearProblem
from ufl import grad, inner

import numpy as np
import pytest
from ecm_cells import CU_SIO2_PT, REGIONS, SHIPPED

from mitmodels.cases.cell.electrolyte import HeatCapacity
from mitmodels.cases.config.document import read
from mitmodels.cell.metals import Conductivity
from mitmodels.circuit import SeriesCircuit
from mitmodels.meshes.ecm_stack import EcmStack
from mitmodels.solvers.cell import fields
from mitmodels.solvers.cell.electrode import Dissolution
from mitmodels.solvers.cell.meshed_cell import Cell, MeshControl, MeshedCell
from mitmodels.solvers.cell.outline import Outline

NM = 1e-9
COMM = MPI.COMM_WORLD
CELL = Cell(
    CU_SIO2_PT,
    EcmStack(radius=20 * NM, oxide=10 * NM, counter=10 * NM, active=15 * NM),
    Dissolution(ratio=0.05, deepest=0.5 * NM, width=0.25 * NM, nucleus=0.2 * NM),
)
SOURCE = 1.76  # [V]
PULSES = SHIPPED.with_name("ecm_pulses.toml")


def rod(radius: float, height: float, edge: float) -> Outline:
    """Upright rod with a rounded edge and a slightly convex top."""
    r = np.linspace(0, radius - edge, 25)
    top = np.column_stack((r, height - 0.02 * NM * (r / (radius - edge)) ** 2))
    angle = np.linspace(0, np.pi / 2, 9)[1:]
    bend = top[-1] + edge * np.column_stack((np.sin(angle), np.cos(angle) - 1))
    wall = np.column_stack((np.full(30, radius), np.linspace(bend[-1, 1], 0, 31)[1:]))
    return Outline(np.concatenate((top, bend, wall)))


def spaced(outline: Outline) -> Outline:
    """Give an outline the nodes that it has in a run."""
    return outline.resampled(MeshControl().wanted(CELL.shape(outline)))


OUTLINE = spaced(spaced(rod(2.3 * NM, 10.25 * NM, 0.4 * NM)))


@pytest.fixture(scope="module")
def solved():
    """Fields and state of the cell on its first mesh."""
    shape = CELL.shape(OUTLINE)
    meshed = MeshedCell(CELL, shape, MeshControl(), COMM)
    return meshed, shape, meshed.evaluate(shape, SOURCE)


@pytest.mark.three_ranks
def test_charge_is_conserved(solved, record) -> None:
    state = solved[2]
    error = abs(state.I_dissolution / state.I_ion - 1)
    record("ionic currents of both electrodes", "1e-9", f"{error:.1e}")
    assert 1e-5 < state.I < 1e-3
    assert error < 1e-9


@pytest.mark.three_ranks
def test_energy_is_conserved(solved, record) -> None:
    state = solved[2]
    heat = state.joule + state.tunnel
    source = abs((heat + state.circuit) / (SOURCE * state.I) - 1)
    out = abs(state.heat_out / heat - 1)
    record("power of the source; heat out", "1e-8", f"{source:.1e}; {out:.1e}")
    assert state.T_max > 350
    assert source < 1e-8
    assert out < 1e-8


@pytest.mark.parametrize("limit", [1e-4, np.inf])
def test_load_resistor_divides_the_voltage(limit, record) -> None:
    """In front of a sharp limit, and without one."""
    cell = replace(CELL, model=replace(CU_SIO2_PT, circuit=SeriesCircuit(5e3, limit)))
    state = MeshedCell(cell, shape := cell.shape(OUTLINE), MeshControl(), COMM).evaluate(shape, 1.0)
    error = abs(state.I / min(limit, (1.0 - state.V_cell) / 5e3) - 1)
    record(f"current through a load of 5 kohm, limit {limit:g} A", "1e-9", f"{error:.1e}")
    assert error < 1e-9
    assert state.circuit == pytest.approx(1.0 * state.I - state.joule - state.tunnel, rel=1e-8)


def test_leakage_is_a_resistor_beside_the_gap_that_heats_the_oxide(record) -> None:
    """Of a cell whose gap conducts nothing, behind a load of the same resistance."""
    model = replace(CU_SIO2_PT, leakage=1e-6, circuit=SeriesCircuit(1e6))
    shape = CELL.shape(Outline.nucleus(0.2 * NM, 8))
    meshed = MeshedCell(replace(CELL, model=model), shape, MeshControl(), COMM)
    state = meshed.evaluate(shape, 1.0)
    error = abs(state.I / 0.5e-6 - 1)
    out = abs(state.heat_out / state.leakage - 1)
    record("current of a leakage of 1 Mohm; heat out", "1e-12; 1e-8", f"{error:.1e}; {out:.1e}")
    assert error < 1e-12
    assert state.leakage == pytest.approx(0.25e-6, rel=1e-12)
    assert out < 1e-8
    assert 0.1 < state.T_max - model.ambient < 3


def test_metal_behind_a_wide_gap_is_at_one_potential(monkeypatch, record) -> None:
    """It is not solved for below 1e-25 S, and need not be."""
    shape = CELL.shape(Outline.nucleus(0.2 * NM, 8))
    meshed = MeshedCell(CELL, shape, MeshControl(), COMM)
    told = meshed.evaluate(shape, 1.0)
    monkeypatch.setattr(fields, "_FAINT", 0.0)
    solved = meshed.evaluate(shape, 1.0)
    off = max(abs(told.I / solved.I - 1), np.abs(told.speed / solved.speed - 1).max())
    record("current and speed without the potential of the metal, 9.8 nm", "1e-12", f"{off:.1e}")
    assert 0 < solved.conductance < 1e-25
    assert meshed.fields.fields.psi.x.array.any() or COMM.size > 1
    assert off < 1e-12


def test_energy_is_conserved_however_small_the_current(record) -> None:
    """A rise of the temperature that vanishes in the rounding error of 300 K."""
    shape = CELL.shape(Outline.nucleus(0.2 * NM, 8))
    meshed = MeshedCell(CELL, shape, MeshControl(), COMM)
    state = meshed.evaluate(shape, 1.0)
    out = abs(state.heat_out / (state.joule + state.tunnel) - 1)
    record("heat out of a cell without a measurable current", "1e-8", f"{out:.1e}")
    assert 0 < state.I < 1e-50
    assert out < 1e-8


@pytest.mark.slow
@pytest.mark.serial
def test_long_elements_far_from_the_filament_of_a_large_cell(monkeypatch, record) -> None:
    """5 nm instead of 2 nm in a cell of 50 nm: half of the nodes, and little else changes."""
    large = replace(CELL, stack=replace(CELL.stack, radius=50 * NM, oxide=60 * NM))
    shape = large.shape(rod(2.3 * NM, 60.25 * NM, 0.4 * NM))
    shape = large.shape(shape.outline.resampled(MeshControl().wanted(shape)))

    def solve() -> tuple[int, float, float, float]:
        meshed = MeshedCell(large, shape, MeshControl(), COMM)
        state = meshed.evaluate(shape, SOURCE)
        nodes = meshed.mesh.device.mesh.geometry.index_map().size_global
        return nodes, state.I, state.I_ion, state.T_max - CU_SIO2_PT.ambient

    nodes, *long = solve()
    monkeypatch.setattr(EcmStack, "coarsest", 2 * NM)
    former, *short = solve()
    off = np.abs(np.divide(long, short) - 1)
    found = f"{', '.join(f'{x:.1e}' for x in off)}; {nodes / former:.2f}"
    record(
        "elements of 5 for 2 nm far away: current, ions, rise; nodes",
        "1e-4, 5e-3, 3e-3; 0.6",
        found,
    )
    assert nodes < 0.6 * former
    assert (off < [1e-4, 5e-3, 3e-3]).all()


@pytest.mark.serial
def test_thermal_time_of_one_material_is_that_of_a_plate(record) -> None:
    """The slowest perturbation is then half a sine from one cooled face to the other."""
    kappa, capacity = 2.0, 3e6
    one = Conductivity(kappa)
    model = replace(CU_SIO2_PT, metal_heat=one, counter_heat=one, oxide_heat=one)
    shape = CELL.nucleus()
    meshed = MeshedCell(replace(CELL, model=model), shape, MeshControl(degree=2), COMM)
    meshed.evaluate(shape, 0.0)
    found = meshed.fields.thermal_time(dict.fromkeys(REGIONS, capacity))
    height = CELL.stack.counter + CELL.stack.oxide + CELL.stack.active
    error = abs(found / (capacity / kappa * (height / np.pi) ** 2) - 1)
    record("thermal time of a cell of one material against a plate", "1e-4", f"{error:.1e}")
    assert error < 1e-4


@pytest.mark.serial
def test_shipped_cell_warms_in_less_than_a_nanosecond(record) -> None:
    """Empty or bridged: what the shortest SET of the study of pulses, 34 ms, is far above."""
    capacity, found = HeatCapacity.model_validate(read(PULSES).data["heat_capacity"]), []
    for shape in (CELL.nucleus(), CELL.shape(OUTLINE)):
        meshed = MeshedCell(CELL, shape, MeshControl(), COMM)
        meshed.evaluate(shape, 0.5)
        found.append(meshed.fields.thermal_time(capacity.by_region()))
    empty, bridged = found
    record("thermal time of the cell, empty; with a filament", "< 1 ns",
           f"{empty * 1e12:.0f}; {bridged * 1e12:.0f} ps")  # fmt: skip
    assert bridged < empty < 1e-9


@pytest.mark.serial
def test_filament_conducts_heat_as_wiedemann_and_franz_say(record) -> None:
    """In every element of it, of a temperature and a diameter of its own."""
    cell = replace(CELL, model=replace(CU_SIO2_PT, metal_heat=None, filament_heat_fraction=None))
    shape = cell.shape(OUTLINE)
    meshed = MeshedCell(cell, shape, MeshControl(), COMM)
    state, solver = meshed.evaluate(shape, SOURCE), meshed.fields
    inside = solver.device.entities("filament")[1]
    space = fem.functionspace(solver.device.mesh, ("DG", 0))
    T = cell.model.ambient + solver.fields.lagged
    kappa, sigma = (
        law("filament", T, solver.fields.thinness)
        for law in (cell.model.heat_conductivity, cell.model.conductivity)
    )
    found = []
    for law in (kappa, sigma * T):
        in_cells = fem.Function(space)
        in_cells.interpolate(fem.Expression(law, space.element.interpolation_points), inside)
        found.append(in_cells.x.array[inside])
    error = np.abs(found[0] / found[1] / (np.pi**2 / 3 * (1.380649e-23 / 1.602176634e-19) ** 2) - 1)
    record("kappa over sigma T of every filament element, by L_0", "1e-12", f"{error.max():.1e}")
    assert error.max() < 1e-12
    assert found[0].max() < 0.5 * 400  # the size effect
    assert state.heat_out == pytest.approx(state.joule + state.tunnel, rel=1e-8)


@pytest.mark.serial
def test_current_by_simmons_law_balances_its_circuit_and_its_heat(record) -> None:
    """Current, voltage and heat of a law that is not linear, behind a compliance."""
    tunnel = replace(CU_SIO2_PT.tunnel, law="simmons")
    cell = replace(CELL, model=replace(CU_SIO2_PT, tunnel=tunnel))
    shape, circuit = cell.shape(OUTLINE), CU_SIO2_PT.circuit
    state = MeshedCell(cell, shape, MeshControl(), COMM).evaluate(shape, SOURCE)
    again = MeshedCell(CELL, shape, MeshControl(), COMM).evaluate(shape, SOURCE)
    expected = circuit.limit * -np.expm1((state.V_cell - SOURCE) / circuit.softness)
    power = abs((state.joule + state.tunnel + state.circuit) / (SOURCE * state.I) - 1)
    record(
        "current and power of Simmons' law", "1e-8", f"{state.I / expected - 1:.1e}; {power:.1e}"
    )
    assert pytest.approx(expected, rel=1e-8) == state.I
    assert power < 1e-8
    assert state.heat_out == pytest.approx(state.joule + state.tunnel, rel=1e-8)
    assert 0.4 < state.conductance / again.conductance < 0.6  # at a gap of 0.19 nm


@pytest.mark.serial
def test_closed_form_of_the_heat_split_conserves_energy() -> None:
    cell = replace(CELL, model=replace(CU_SIO2_PT, filament_heat_fraction=None))
    shape = cell.shape(OUTLINE)
    meshed = MeshedCell(cell, shape, MeshControl(), COMM)
    state = meshed.evaluate(shape, SOURCE)
    assert state.heat_out == pytest.approx(state.joule + state.tunnel, rel=1e-8)


@pytest.mark.parametrize("fraction", [0.30, None])
def test_electrode_that_emits_electrons_takes_the_smaller_part(fraction) -> None:
    """The parts of the tunnel heat change places with the voltage."""
    cell = replace(CELL, model=replace(CU_SIO2_PT, filament_heat_fraction=fraction))
    shape = cell.shape(OUTLINE)
    meshed = MeshedCell(cell, shape, MeshControl(), COMM)
    found = {}
    for V in (0.5, -0.5):
        state = meshed.evaluate(shape, V)
        found[V] = meshed.fields.integral("filament_heat") / state.tunnel
        assert state.heat_out == pytest.approx(state.joule + state.tunnel, rel=1e-8)
    if fraction is not None:
        assert found[0.5] == pytest.approx(0.3, rel=1e-6)
        assert found[-0.5] == pytest.approx(0.7, rel=1e-6)
    assert found[0.5] < 0.5 < found[-0.5]


def test_speed_is_faradays_law_of_the_plating_current(solved) -> None:
    """The speed at the nodes, integrated over the outline, against the current of the form."""
    _, shape, state = solved
    swept = shape.outline.ring_areas @ state.speed
    expected = CELL.model.deposit.volume_per_charge * state.I_ion
    assert swept == pytest.approx(expected, rel=0.03)


def test_mesh_that_was_moved_and_back_gives_the_same_state(solved) -> None:
    meshed, shape, state = solved
    grown = shape.outline.displaced(0.05 * NM * shape.outline.directions)
    meshed.evaluate(CELL.shape(grown), SOURCE)
    again = meshed.evaluate(shape, SOURCE)
    assert np.log(again.I / state.I) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("degree", "wanted", "held"), [(1, 1e-6, 5e-6), (2, 1e-6, 1e-6)])
def test_new_mesh_with_the_same_nodes_keeps_the_current(degree, wanted, held, record) -> None:
    """The mesh is moved first, so that its inner nodes are not those of the new one.

    What is left is the discretisation error of the temperature in the metal's resistance: linear
    elements, the default, miss what is wanted.
    """
    shape, control = CELL.shape(OUTLINE), MeshControl(degree=degree)
    first = MeshedCell(CELL, shape, control, COMM)
    grown = CELL.shape(OUTLINE.displaced(0.05 * NM * OUTLINE.directions))
    moved = first.evaluate(grown, SOURCE)
    fresh = MeshedCell(CELL, grown, control, COMM, previous=first)
    remeshed = fresh.evaluate(grown, SOURCE)
    change = abs(np.log(remeshed.I / moved.I))
    record(
        f"remesh with the nodes kept, degree {degree}, ln I (wanted {wanted:g})",
        f"{held:g}",
        f"{change:.1e}",
    )
    assert change < held


def test_new_mesh_with_new_nodes_nearly_keeps_current_and_volume(solved, record) -> None:
    meshed, shape, state = solved
    finer = MeshControl().wanted(shape) * 0.5
    shape = CELL.shape(shape.outline.resampled(finer))
    fresh = MeshedCell(CELL, shape, MeshControl(), COMM, previous=meshed)
    remeshed = fresh.evaluate(shape, SOURCE)
    change = abs(np.log(remeshed.I / state.I))
    volume = abs(shape.outline.volume / OUTLINE.volume - 1)
    record("remesh with nodes added, ln I; volume", "2e-3; 1e-4", f"{change:.1e}; {volume:.1e}")
    assert len(shape.outline.points) > 1.2 * len(OUTLINE.points)
    assert change < 2e-3
    assert volume < 1e-4


@pytest.mark.three_ranks
def test_ranks_agree(solved, record) -> None:
    """The whole communicator against every rank on its own."""
    _, shape, _ = solved
    states = []
    for comm in (COMM, MPI.COMM_SELF):
        meshed = MeshedCell(CELL, shape, MeshControl(), comm)
        states.append(meshed.evaluate(shape, SOURCE))
    change = abs(np.log(states[0].I / states[1].I))
    record(f"{COMM.size} ranks against one, ln I", "1e-6", f"{change:.1e}")
    assert change < 1e-6
    np.testing.assert_allclose(states[0].speed, states[1].speed, rtol=1e-6)


@dataclass(frozen=True)
class Side:
    """One of the two submeshes of the monolithic problem."""

    mesh: dolfinx.mesh.Mesh
    map: dolfinx.mesh.EntityMap
    potential: fem.Function
    test: Any


def submesh(device, *regions) -> Side:
    part, entity_map = device.restrict(*regions)
    space = fem.functionspace(part.mesh, ("Lagrange", 1))
    return Side(part.mesh, entity_map, fem.Function(space), ufl.TestFunction(space))


def interface(device, name: str, inner_regions: tuple[str, ...]):
    """Owned facets of an interface as integration entities, the inner side first."""
    mesh = device.mesh
    mesh.topology.create_connectivity(1, 2)
    mesh.topology.create_connectivity(2, 1)
    inside = np.zeros(mesh.topology.index_map(2).size_local + mesh.topology.index_map(2).num_ghosts)
    for region in inner_regions:
        inside[device.entities(region)[1]] = 1
    to_cells, to_facets = mesh.topology.connectivity(1, 2), mesh.topology.connectivity(2, 1)
    entities = []
    for facet in device.entities(name)[1]:
        if facet < mesh.topology.index_map(1).size_local:
            for cell in sorted(to_cells.links(facet), key=lambda c: -inside[c]):
                entities += [cell, int(np.flatnonzero(to_facets.links(cell) == facet)[0])]
    return np.array(entities, dtype=np.int32)


def test_monolithic_mixed_domain_solution_agrees(solved, record) -> None:
    """Metal and electrolyte on submeshes, all couplings in one Newton iteration.

    It includes the ionic current that loads the metal, which the solver leaves out.
    """
    meshed, shape, _ = solved
    state = meshed.evaluate(shape, SOURCE)
    solver, device, model = meshed.fields, meshed.mesh.device, CELL.model
    metal, oxide = submesh(device, "counter", "filament"), submesh(device, "oxide")
    V, T, g = state.V_cell, model.ambient + solver.fields.rise, solver.fields.gap
    r, z = ufl.SpatialCoordinate(device.mesh)
    ring = 2 * ufl.pi * r
    tags = {name: device.names[name].tag for name in ("counter", "filament", "oxide")}
    dx = ufl.Measure("dx", domain=device.mesh, subdomain_data=device.tags[0])
    dS = ufl.Measure(
        "dS",
        domain=device.mesh,
        subdomain_data=[
            (1, interface(device, "outline", ("filament",))),
            (2, interface(device, "electrode", ("oxide",))),
        ],
        metadata={"quadrature_degree": 8},
    )
    m, e, v, w = metal.potential, oxide.potential, metal.test, oxide.test
    sigma = {
        "counter": model.counter_conductivity(T),
        "filament": model.filament_conductivity(T) * solver.fields.thinness,
    }
    barrier = model.barrier(r, z - CELL.stack.oxide)("+")
    plated = -model.kinetics(m("+") - e("-"), T("+"), barrier)
    dissolved = model.kinetics(V - e("+"), T("+"))
    tunnel = model.tunnel.conductance(g("+")) * (V - m("+"))
    curve = ring("+") * solver.fields.stretch("+")
    # Each equation is in units of its current.
    amps, ions = 1 / state.I, 1 / state.I_ion
    F_metal = -amps * curve * (tunnel + plated) * v("+") * dS(1)
    for name, law in sigma.items():
        F_metal += amps * ring * law * inner(grad(m), grad(v)) * dx(tags[name], degree=2)
    ionic = model.hopping(inner(grad(e), grad(e)), T)
    F_oxide = ions * ring * ionic * inner(grad(e), grad(w)) * dx(tags["oxide"], degree=2)
    F_oxide += ions * curve * plated * w("-") * dS(1)
    F_oxide -= ions * ring("+") * dissolved * w("+") * dS(2)

    potential = V * solver.fields.psi.x.array
    copy(potential, solver.space, metal)
    copy(solver.electrolyte.potential.x.array, solver.space, oxide)
    start = [f.x.array.copy() for f in (m, e)]
    bottom = dolfinx.mesh.locate_entities_boundary(
        metal.mesh, 1, lambda x: np.isclose(x[1], -CELL.stack.counter, atol=1e-13)
    )
    space = m.function_space
    dofs = fem.locate_dofs_topological(space, 1, bottom)
    problem = NonlinearProblem(
        [F_metal, F_oxide],
        [m, e],
        bcs=[fem.dirichletbc(0.0, dofs, space)],
        kind="mpi",
        petsc_options={
            "ksp_type": "preonly",
            "pc_type": "lu",
            "pc_factor_mat_solver_type": "mumps",
            "snes_linesearch_type": "basic",
            "snes_atol": 1e-9,
            "snes_rtol": 0.0,
            "snes_stol": 1e-14,
        },
        petsc_options_prefix="test_monolithic_",
        entity_maps=[metal.map, oxide.map],
    )
    # Away from the solution, so that Newton's method has something to do.
    e.x.array[:] -= 0.05
    problem.solve()
    assert problem.solver.getConvergedReason() > 0
    worst = [
        max(COMM.allgather(np.abs(f.x.array - old).max(initial=0.0)))
        for f, old in zip((m, e), start, strict=True)
    ]
    record("monolithic, metal; electrolyte", "1e-6 V", f"{worst[0]:.1e}; {worst[1]:.1e} V")
    assert problem.solver.getIterationNumber() > 1
    assert max(worst) < 1e-6


def copy(values, space, side: Side) -> None:
    """Copy a field on the whole mesh to a submesh."""
    target = side.potential.function_space
    cells = np.arange(len(target.dofmap.list), dtype=np.int32)
    parents = side.map.sub_topology_to_topology(cells, inverse=False)
    side.potential.x.array[target.dofmap.list] = values[space.dofmap.list[parents]]

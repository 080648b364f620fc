"""Contact as a region: closed form, limit, balances of power and energy, derivatives, ranks."""

from mpi4py import MPI

import ufl
from dolfinx import fem

import numpy as np
import pytest
from films import continuation, in_time, joint_set, sheet, trace

from mitmodels.cases.film.device import build_solver
from mitmodels.film import forms
from mitmodels.film.contact import contact_resistance
from mitmodels.solvers.film.constraints import Drive, Linear, drive_at

WIDTH, PAD = 50e-6, 50e-6
FEW = ("mesh.size=5 um", "mesh.edge_size=5 um", "mesh.cells_across=4", "geometry.far=250 um")
SHEET = (
    *("geometry.length=20 um", "geometry.pad_length=10 um", "pads.sheet_conductance=2e-7 W/K"),
    *("mesh.size=0.5 um", "mesh.edge_size=5 um", "mesh.cells_across=2", "contact.thermal=free"),
)


def region(resistivity="1.5e-7", in_series="0"):
    return (
        f"contact.resistivity={resistivity} ohm m2",
        f"contact.resistance_width={in_series} ohm m",
    )


# Every film with the voltages [V] by which it comes to a hot state.
FILMS = {
    "half-space": (joint_set, (*FEW, *region(in_series="1e-3")), (6.0, 12.0, 15.0)),
    "half-space, fourier": (
        joint_set,
        (*FEW, *region(in_series="1e-3"), "substrate.operator=fourier"),
        (6.0, 12.0, 15.0),
    ),
    "half-space, full domain": (joint_set, (*FEW, *region(), "geometry.domain=full"), (6.0, 12.0)),
    "sheet, P2": (sheet, (*SHEET, *region("1e-9")), (1.0, 2.0, 3.0)),
}


def solved(newton, voltages, tolerance=1e-10):
    """State at the last of some source voltages, each from the one before."""
    drive = Drive.voltage_source(newton.film.contacts.resistance)
    unknown, V_film = newton.substrate.start, 0.5 * voltages[0]
    for V in voltages:
        condition = drive_at(drive, V, newton.film.voltage_scale)
        state = newton.solve(condition, unknown, V_film, tolerance=tolerance)
        unknown, V_film = state.unknown, state.voltage
    return state


def integral(film, form):
    return film.comm.allreduce(fem.assemble_scalar(fem.form(form)))


@pytest.mark.parametrize(("lengths", "domain"), [(0.3, "quarter"), (1.0, "full"), (5.0, "quarter")])
def test_resistance_of_a_cold_contact(lengths, domain, record):
    """The current leaves the film over L_T; elements next to the contact are L_T/100."""
    law = sheet("mesh.size=50 um").config.film.resistivity()
    square = law(100.0) / 20e-9
    rho_c = float(square * (PAD / lengths) ** 2)
    size = ("geometry.length=2 um", "geometry.pad_length=50 um", "pads.sheet_conductance=2e-7 W/K")
    mesh = ("mesh.size=0.1 um", "mesh.edge_size=25 um", "mesh.cells_across=1", "mesh.degree=1")
    options = (*size, *mesh, "contact.thermal=free", f"geometry.domain={domain}")
    film = build_solver(sheet(*options, *region(repr(rho_c)))).film
    found = film.contact_resistance(film.conductance()) / 2
    exact = contact_resistance(rho_c, square, PAD, WIDTH)
    assert exact == pytest.approx(np.sqrt(rho_c * square) / np.tanh(lengths) / WIDTH, rel=1e-12)
    record(f"contact of {lengths} L_T, {domain}: R over closed form - 1", 1e-4, found / exact - 1)
    assert found == pytest.approx(exact, rel=1e-4)


@pytest.mark.serial
def test_ideal_contact_is_the_one_without_a_resistivity(record):
    """Resistivity zero gives the same I-V to the last digit, and the limit is reached."""

    def iv(*contact):
        branch = trace(continuation(joint_set(*FEW, *contact)), 17.0)
        return np.array([[p.drive, p.state.current] for p in branch.points])

    today, ideal = iv("contact.resistance_width=10 kohm um"), iv(*region("0", "1e-2"))
    error = np.abs(ideal - today).max() / today.max()
    record("ideal contact as a region: I-V against that without a region", 1e-10, error)
    assert error < 1e-10
    small, none = (build_solver(joint_set(*FEW, *region(r))).film for r in ("1e-14", "0"))
    gap = small.conductance() / none.conductance() - 1
    record("contact of 1e-14 ohm m2: conductance of the film over that of an ideal one", 1e-5, gap)
    assert abs(gap) < 1e-5


@pytest.mark.parametrize("name", FILMS)
def test_power_of_the_source_is_made_in_film_and_contacts_and_leaves(name, record):
    build, options, voltages = FILMS[name]
    newton = build_solver(build(*options))
    state, film = solved(newton, voltages, 1e-13), newton.film
    device, rho_c = film.device, film.contacts.resistivity
    psi, T = ufl.split(film.state)
    V, σ = state.voltage, film.conductivity(T)
    in_film = integral(film, forms.joule_heat(psi, 1.0, V, σ, device.dx("film", *film.pads)))
    potential = {"pad_left": -0.5, "pad_right": 0.5}
    in_contacts = sum(
        integral(film, forms.contact_heat(psi, 1.0, V, potential[pad], 1 / rho_c, device.dA(pad)))
        for pad in film.pads
    )
    into_pad = forms.contact_current(psi, -V, 0.5, 1 / rho_c, device.dA("pad_right"))
    current = integral(film, into_pad) / device.copies[0]
    if build is sheet:
        out = integral(film, forms.surface_loss(T, 1.0, 100.0, 5e5, device.dA()))
    else:
        out = newton.layout.comm.allreduce(state.unknown[:, 1].sum()) * film.power_scale
    power = state.current * V
    errors = {
        "made in film and contacts": (in_film + in_contacts) / power - 1,
        "into the substrate": out / power - 1,
        "current into the pad": current / state.current - 1,
    }
    for what, error in errors.items():
        record(f"contact as a region, {name}: {what} over that of the source - 1", 1e-9, error)
    reading = state.reading
    series = film.contacts.resistance * state.current**2
    assert max(map(abs, errors.values())) < 1e-9
    assert pytest.approx(power + series, rel=1e-12) == reading.P
    assert in_contacts > 0.05 * power
    under = integral(film, forms.joule_heat(psi, 1.0, V, σ, device.dx(*film.pads)))
    heat = reading.R_contact * state.current**2
    assert heat == pytest.approx(in_contacts + under + series, rel=1e-12)
    assert reading.T_max > 150


def test_energy_of_a_pulse(record):
    """What the source feeds in a triangle of 16 us is found in film, pads and substrate."""
    capacity = "heat_capacity.pads=0.25 J/(m2 K)"
    film = in_time(*FEW, *region(), capacity)
    newton, substrate = film.stepper.newton, film.stepper.substrate
    section, device = film.prepared.config.heat_capacity, newton.film.device
    T = newton.film.state.sub(1)
    kept = float(section.film) * T * device.dx("film") + 0.25 * T * device.dA("pad_right")

    def content(state):
        newton.set_fields(state.state)
        return integral(newton.film, kept) + substrate.modes.content(state.thermal)

    state = start = film.rest().state
    hottest = 0.0
    for _ in range(16):
        step = film.stepper.step(
            state, 1e-6, lambda t: film.condition(25.0 * max(0.0, 1 - abs(t / 8e-6 - 1)))
        )
        state, hottest = step.end, max(hottest, step.end.state.reading.T_max)
    error = (content(state) - content(start)) / state.work - 1
    record("contact as a region: heat stored over a pulse over energy fed - 1", 1e-5, error)
    assert abs(error) < 1e-5
    assert hottest > 150


@pytest.mark.parametrize("name", FILMS)
def test_jacobian(name, record):
    """By psi, the heat or temperature, and the voltage; its last row is the adjoint's."""
    build, options, voltages = FILMS[name]
    newton = build_solver(build(*options))
    system, film, layout = newton.system, newton.film, newton.layout
    state = solved(newton, voltages)
    x = layout.gather(film.space.tabulate_dof_coordinates()[: film.owned])
    wave = 1 + 0.5 * np.sin(2e5 * x[:, 0] + 1e5 * x[:, 1])
    away = state.unknown[:, 1] - newton.substrate.start[:, 1]
    change = np.column_stack([1e-2 * wave, 0.05 * wave * away]) * (1 - layout.gather(film.fixed))
    pick = layout.gather(film.node_weights("film", *film.pads)) / 100
    constraint = Linear(Drive(0.02, 30.0), 1.0, layout, pick)
    system.linearise(state.unknown, state.voltage, constraint)
    rows, last = system.jacobian_times(change, 0.05)
    h, dV = 1e-3, 0.05 * film.voltage_scale
    (up, c_up), (down, c_down) = (
        system.residual(state.unknown + s * change, state.voltage + s * dV, constraint)
        for s in (h, -h)
    )
    off = (up - down) / (2 * h) - rows
    error = np.sqrt(layout.dot(off, off) / layout.dot(rows, rows))
    by_row = (c_up - c_down) / (2 * h) / last - 1
    record(f"contact as a region, {name}: Jacobian against differences", 1e-6, error)
    record(f"contact as a region, {name}: row of the current", 1e-6, by_row)
    assert error < 1e-6
    assert abs(by_row) < 1e-6


@pytest.mark.skipif(MPI.COMM_WORLD.size == 1, reason="compares several ranks with one")
@pytest.mark.parametrize("name", FILMS)
def test_state_does_not_depend_on_the_number_of_ranks(name):
    build, options, voltages = FILMS[name]
    several, alone = (
        solved(build_solver(build(*options, comm=comm)), voltages)
        for comm in (MPI.COMM_WORLD, MPI.COMM_SELF)
    )
    for quantity in ("I", "R_contact", "T_max"):
        values = (getattr(state.reading, quantity) for state in (several, alone))
        assert next(values) == pytest.approx(next(values), rel=1e-8)

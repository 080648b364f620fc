"""A film in time: order, energy, rest; a slow ramp is the branch; ranks agree."""

from mpi4py import MPI

import dolfinx

import numpy as np
import pytest
from films import GRADED, PULSE, SHEET, continuation, in_time, joint_set, ramps, sheet, trace

from mitmodels.cases.film.crossings import (
    COMPLIANCE,
    OVERHEATED,
    OVERVOLTAGE,
    RELEASED,
    ending,
    observables,
)
from mitmodels.cases.film.switching import EXTINGUISHED, NUCLEATES
from mitmodels.solvers.petsc import SolverError

CAPACITY = 3e6
STORED = f"heat_capacity.film={CAPACITY} J/(m3 K)"
STRIP = ("mesh.size=0.5 um", STORED)
# The coarsest on which walls of 1 um do not catch, and the branch has the folds of a finer one.
FINE = ("mesh.size=0.25 um", STORED)
# As a sheet without heat flow along it: every place is the film's only one.
EVEN = (*STRIP, "contact.thermal=free", "mesh.size=50 um", "mesh.degree=1", "protocol.0.rate=1 V/s")
LOSS, THICKNESS, LENGTH, AMBIENT = 5e5, 20e-9, 100e-6, 100.0
SMALL = ("mesh.size=5 um", "mesh.edge_size=2 um", "mesh.cells_across=4", "geometry.far=250 um")


class Manufactured:
    """T = T0 + A sin^2(w t) everywhere, by the voltage that makes it so."""

    amplitude, frequency = 120.0, 1e6  # [K], [1/s]; thermal time 0.12 us

    def __init__(self):
        self.film = in_time(*EVEN, file=SHEET)
        self.resistivity = self.film.prepared.config.film.resistivity()

    def temperature(self, t):
        return AMBIENT + self.amplitude * np.sin(self.frequency * t) ** 2

    def condition(self, t):
        slope = self.amplitude * self.frequency * np.sin(2 * self.frequency * t)
        power = CAPACITY * slope + LOSS / THICKNESS * (self.temperature(t) - AMBIENT)
        field = np.sqrt(max(power, 0.0) * self.resistivity(self.temperature(t)))
        return self.film.condition(LENGTH * field)

    def error(self, steps, end=1.2e-6):
        moment = self.film.rest().state
        for _ in range(steps):
            moment = self.film.stepper.step(moment, end / steps, self.condition).end
        return abs(moment.state.reading.T_center - self.temperature(moment.time))


@pytest.mark.serial
def test_order_in_time_on_a_manufactured_temperature(record):
    film = Manufactured()
    errors = [film.error(n) for n in (24, 48, 96)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    record(
        "film in time, manufactured temperature: order of TR-BDF2 = 2", 0.1, str(orders.round(3))
    )
    record("film in time, manufactured temperature: error at 96 steps", "0.02 K", errors[-1])
    assert orders == pytest.approx(2.0, abs=0.1)
    assert errors[-1] < 0.02


@pytest.mark.serial
def test_order_in_time_on_the_half_space(record):
    film = in_time(*SMALL)
    end = 2e-6

    def centre(steps):
        moment = film.rest().state
        for _ in range(steps):
            ramp = lambda t: film.condition(20 * np.sin(np.pi / 4 * t / end) ** 2)  # noqa: E731
            moment = film.stepper.step(moment, end / steps, ramp).end
        return moment.state.reading.T_center

    values = np.array([centre(n) for n in (10, 20, 40, 80)])
    order = np.log2((values[1] - values[2]) / (values[2] - values[3]))
    record("film on the half-space in time: order of TR-BDF2 = 2", 0.1, order)
    assert order == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("operator", ["dense", "fourier"])
def test_energy_balance_of_every_step(operator, record):
    """What the source feeds is found in film, pads and substrate, to the Newton tolerance."""
    film = in_time(*SMALL, f"substrate.operator={operator}")
    newton, substrate = film.stepper.newton, film.stepper.substrate
    capacity, device = film.prepared.config.heat_capacity, newton.film.device
    T = newton.film.state.sub(1)
    kept = dolfinx.fem.form(
        float(capacity.film) * T * device.dx("film")
        + float(capacity.pads) * T * device.dA("pad_right")
    )

    def content(moment):
        newton.set_fields(moment.state)
        above = newton.film.comm.allreduce(dolfinx.fem.assemble_scalar(kept))
        return above + substrate.modes.content(moment.thermal)

    shares = np.array([np.sqrt(2) / 4, np.sqrt(2) / 4, 1 - np.sqrt(0.5)])
    moment, worst, duration = film.rest().state, 0.0, 1e-7
    for _ in range(10):
        step = film.stepper.step(moment, duration, lambda t: film.condition(25e6 * t))
        stages = [m.state for m in (moment, step.middle, step.end)]
        fed = duration * shares @ [state.voltage * state.current for state in stages]
        worst = max(worst, abs((content(step.end) - content(moment)) / fed - 1))
        moment = step.end
    name = "film on the half-space in time" + (", fourier" if operator == "fourier" else "")
    record(f"{name}: heat stored in a step over heat fed - 1", 1e-7, worst)
    assert worst < 1e-7


@pytest.mark.serial
def test_a_step_that_is_not_taken_leaves_no_trace(record):
    """Neither one that errs too much nor one whose Newton iteration fails; energy included."""
    film = in_time(*SMALL)
    ramp = lambda t: film.condition(25e6 * t)  # noqa: E731
    moment = film.stepper.step(film.rest().state, 1e-7, ramp).end
    expected = film.stepper.step(moment, 1e-7, ramp).end
    assert film.stepper.relative_error(film.stepper.step(moment, 8e-7, ramp)) > 1
    with pytest.raises(SolverError, match="did not converge"):
        film.stepper.step(moment, 1e-5, ramp)
    found = film.stepper.step(moment, 1e-7, ramp).end
    assert found.time == expected.time
    errors = [
        np.abs(found.state.fields - expected.state.fields).max() / 100.0,
        abs(found.state.current / expected.state.current - 1),
        abs(found.work / expected.work - 1),
    ]
    record("film in time: a step behind two that were not taken, against none", 1e-9, max(errors))
    assert max(errors) < 1e-9


RAMPED = {
    "sheet": (sheet, SHEET, FINE[:1], FINE, ramps("15 V", "4 V", rate="4e3 V/s"), 20.0),
    "half-space": (
        joint_set,
        PULSE,
        GRADED,
        (*GRADED, "output.fields_at.t=[]"),
        ramps("17.5 V", "15 V", rate="5 V/s"),
        18.0,
    ),
}


@pytest.mark.serial
@pytest.mark.parametrize("name", ["sheet", pytest.param("half-space", marks=pytest.mark.slow)])
def test_slow_ramp_jumps_where_the_branch_folds(name, record):
    """Up and down through both folds; the jumps lag behind them by what the ramp goes on."""
    device, file, mesh, overrides, ramp, limit = RAMPED[name]
    up, down = (fold.drive for fold in trace(continuation(device(*mesh)), limit).folds)
    film = in_time(*overrides, ramp, "numerics.error=0.5 K", file=file)
    found = {event: f.value for f in film.follow() for event in f.events}
    for event, fold in ((NUCLEATES, up), (EXTINGUISHED, down)):
        error = found[event] / fold - 1
        record(f"{name}, slow ramp: {event} over the branch's fold - 1", "1%", error)
        assert abs(error) < 0.01


@pytest.mark.serial
@pytest.mark.parametrize(("ambient", "volts"), [("100 K", (6.0, 12.0)), ("340 K", (8.0, 25.0))])
def test_slow_ramps_of_voltage_and_current_are_the_branch(ambient, volts, record):
    """At 100 K below the maximum of the current, at 340 K, without one, in both phases."""
    at = f"ambient.temperature={ambient}"
    branch = trace(continuation(joint_set(*SMALL, at)), 1.1 * volts[-1])
    states = [branch.land(V)[0].state for V in volts]

    def ramped(values, unit):
        reads = ", ".join(f'"{value!r} {unit}"' for value in values)
        end = f"{1.001 * values[-1]!r} {unit}"
        ramp = (
            f'protocol=[{{ step = "ramp", to = "{end}", duration = "1 ks", read_at = [{reads}] }}]'
        )
        film = in_time(*SMALL, at, ramp, "output.fields_at.t=[]", "numerics.error=1 K")
        found = {f.value: f.point.state.state.reading for f in film.follow()}
        return [min(found.items(), key=lambda item: abs(item[0] - value))[1] for value in values]

    currents = [state.current for state in states]
    by_voltage = np.array([r.I for r in ramped(volts, "V")]) / currents - 1
    by_current = np.array([r.V_device for r in ramped(currents, "A")]) / volts - 1
    for way, error in (("voltage: current", by_voltage), ("current: voltage", by_current)):
        record(f"slow ramp of {way} over the branch - 1, {ambient}", 1e-3, np.abs(error).max())
    assert np.abs(by_voltage).max() < 1e-3
    assert np.abs(by_current).max() < 1e-3


FEW_STEPS = ("numerics.error=0.5 K", "numerics.parts=10")
NUCLEATING = (*SMALL, *FEW_STEPS, ramps("40 V", rate="8e5 V/s"), "output.fields_at.t=[]")
COARSE_STEPS = ("numerics.error=2 K", "numerics.parts=5")
HEATED = (*STRIP, *COARSE_STEPS, "mesh.size=2 um", ramps("25 V", rate="1e7 V/s"))


@pytest.mark.skipif(MPI.COMM_WORLD.size == 1, reason="compares several ranks with one")
@pytest.mark.parametrize(
    ("overrides", "file"),
    [(NUCLEATING, PULSE), pytest.param(HEATED, SHEET, marks=pytest.mark.three_ranks)],
)
def test_ranks_agree_on_events_and_steps(overrides, file, record):
    def history(comm):
        found = list(in_time(*overrides, file=file, comm=comm).follow())
        events = [(event, f.point.time) for f in found for event in f.events]
        return events, [(f.point.time, f.point.state.state.current) for f in found]

    (events, rows), (alone, expected) = history(MPI.COMM_WORLD), history(MPI.COMM_SELF)
    assert [name for name, _ in events] == [name for name, _ in alone]
    assert events[0][0] == NUCLEATES
    assert len(rows) == len(expected)
    error = np.abs(np.array(rows)[1:] / np.array(expected)[1:] - 1).max()
    record(f"film in time with events, {file.stem}: ranks against one rank", 1e-7, error)
    assert error < 1e-7


@pytest.mark.serial
def test_runaway_under_a_current_ends_in_order(record):
    """20 mA are more than the metal carries at 100 K: it runs away to a hot state."""
    ramp = ramps("20 mA", rate="2 A/s").replace("]", ', { step = "hold", duration = "1 s" }]')
    for limit, event in (("voltage=60 V", OVERVOLTAGE), ("temperature=700 K", OVERHEATED)):
        overrides = (*SMALL, *FEW_STEPS, "output.fields_at.t=[]", f"limits.{limit}")
        film = in_time(*overrides, ramp)
        *_, last = film.follow()
        reading = last.point.state.state.reading
        assert ending(film.prepared, last) == event
        assert last.events == (event,)
        reached = reading.V_device / 60 if event == OVERVOLTAGE else reading.T_max / 700
        record(f"runaway under 20 mA at 100 K: {event} reached, over the limit", 1e-5, reached)
        assert reached == pytest.approx(1.0, abs=1e-5)
        assert last.value == pytest.approx(0.02, rel=0.2)


@pytest.mark.serial
def test_compliance_holds_the_current(record):
    """The source gives way when the limit is reached and returns when it is no longer needed."""
    film = in_time(
        *SMALL,
        ramps("20 V", "0 V", rate="1e5 V/s"),
        "circuit.compliance=12 mA",
        "output.fields_at.t=[]",
    )
    found = list(film.follow())
    events = [event for f in found for event in f.events]
    limited = [COMPLIANCE, RELEASED]
    assert [event for event in events if event in limited] == limited
    names = [set(f.events) for f in found]
    first = next(i for i, events in enumerate(names) if COMPLIANCE in events)
    last = next(i for i, events in enumerate(names) if RELEASED in events)
    I = np.array([f.point.state.state.current for f in found])  # noqa: E741
    worst = np.abs(I[first : last + 1] / 12e-3 - 1).max()
    record("compliance of 12 mA: largest relative distance while it limits", 1e-5, worst)
    assert worst < 1e-5
    assert I.max() < 12e-3 * (1 + 1e-5)


@pytest.mark.serial
def test_soft_compliance_rounds_off_the_sharp_one(record):
    """What is missing to the source falls across the limiter, whose current is the film's."""
    softness, limit = 0.2, 12e-3
    film = in_time(
        *SMALL,
        *FEW_STEPS,
        ramps("18 V", rate="1e5 V/s"),
        f"circuit.compliance={limit} A",
        f"circuit.compliance_softness={softness} V",
        "circuit.load=20 ohm",
        "output.fields_at.t=[]",
    )
    found = list(film.follow())
    assert [event for f in found for event in f.events if event == COMPLIANCE] == [COMPLIANCE]
    I = np.array([f.point.state.state.current for f in found])  # noqa: E741
    drop = [
        f.value - f.point.state.state.reading.V_device - 20 * i
        for f, i in zip(found, I, strict=True)
    ]
    error = np.abs(I / limit + np.expm1(-np.array(drop) / softness)).max()
    record("film behind a soft compliance: current over its limit against the law's", 1e-8, error)
    assert error < 1e-8
    assert 0.99 < I.max() / limit < 1


@pytest.mark.parametrize(
    ("until", "limit"),
    [
        ("I > 15 mA", 15e-3),
        pytest.param("V > 9 V", 9.0, marks=pytest.mark.serial),
        pytest.param("T_max > 400 K", 400.0, marks=pytest.mark.serial),
        pytest.param("energy > 5 nJ", 5e-9, marks=pytest.mark.serial),
    ],
)
def test_steps_end_and_are_read_and_stored_where_it_was_asked_for(until, limit, record):
    ramp = ramps("25 V", rate="1e7 V/s").replace(
        "rate", f'until = ["{until}"], read_at = {{ P = ["20 mW"], drive = ["1 V"] }}, rate'
    )
    fields = 'output.fields_at={ I = ["9 mA"], T_edge = ["90 K"], t = ["0.21 us"] }'
    film = in_time(*HEATED[:-1], ramp, fields, file=SHEET)
    shown = observables(film.prepared)
    found = list(film.follow())
    met = {event: f for f in found for event in f.events}

    def reached(event, name):
        return shown.find(name).read(met[event].point.state)

    name = until.split()[0]
    errors = [
        reached(f"step ended: {name} > {limit:g}", name) / limit - 1,
        reached("read: P = 0.02", "P") / 0.02 - 1,
        reached("read: drive = 1", "V_source") / 1.0 - 1,
        reached("fields: I=0.009A", "I") / 9e-3 - 1,
        reached("fields: t=0.21us", "t") / 0.21e-6 - 1,
    ]
    worst = np.abs(errors).max()
    record(f"film in time until {until}, read_at, fields_at: reached, asked for", 1e-6, worst)
    assert worst < 1e-6
    assert met[f"step ended: {name} > {limit:g}"] is found[-1]
    assert not any("T_edge" in event for event in met)

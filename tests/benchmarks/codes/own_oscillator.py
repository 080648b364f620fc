"""This package: problem 9 by the implicit steps of its films in a circuit."""

from importlib.metadata import version

import numpy as np
from references.oscillator import CAPACITANCE, END, LOAD, SOURCE, WIDTH, loss

from codes.drivers import Setup, rising
from codes.own import device_of
from mitmodels import expressions
from mitmodels.circuit import SeriesCircuit
from mitmodels.drive.waveform import Waveform
from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.properties import Contacts, FilmProperties
from mitmodels.solvers.film.substrate.local_heat_loss import LocalHeatLoss
from mitmodels.solvers.film.transient.source import Source
from mitmodels.solvers.film.transient.time_stepping import Course, TimeStep, advance
from mitmodels.solvers.film.transient.tr_bdf2 import Stepper, Tolerance

NAME, VERSION = "mitmodels", version("mitmodels")


def oscillation() -> tuple[np.ndarray, ...]:
    """Return times, voltages, temperatures at y = 0 and currents of the film."""
    law, slope = rising(0.1)
    setup = Setup(np.array([0.0, 0.5, 1.0]), np.linspace(0, WIDTH, 33), law, slope, cooled=False)
    properties = FilmProperties(
        lambda T: 1 / law(T, expressions),
        1.0,
        loss_factor=lambda at: loss(at[:, 1]),
        heat_capacity=1.0,
    )
    film = ElectrothermalFilm(device_of(setup), properties, Contacts(), 0.0, 0.01, 1.0, 2)
    newton = BorderedNewton(film, LocalHeatLoss(film))
    circuit = SeriesCircuit(load=LOAD, capacitance=CAPACITANCE)
    stepper = Stepper(newton, newton.substrate, Tolerance(4e-5, 4e-5, 4e-5, SOURCE), 0.0, circuit)

    def source(volts: float) -> Source:
        return Source(True, volts, circuit, 0.0, stepper.scales)

    course = Course(Waveform((0.0, END), (SOURCE, SOURCE)), lambda _: source(SOURCE), (), 100)
    step = TimeStep(stepper.rest(lambda _: source(0.0)), 0.0, 0.0)
    side, rows = newton.pick("centre"), []
    while step.time < END:
        step = advance(stepper, step, course)
        at = step.state.state
        side_temperature = float(newton.layout.dot(side, at.fields[:, 1]))
        rows.append((step.time, step.state.circuit.voltage, side_temperature, at.current))
    return tuple(np.array(rows).T)

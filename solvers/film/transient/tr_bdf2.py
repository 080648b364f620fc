r"""One time step of a film: TR-BDF2, with an estimate of its error.

With y the thermal state and f its rate, the two implicit stages of a step of length h are

.. math::
    y_2 &= y_1 + d h\,(f_1 + f_2), \\
    y_3 &= y_1 + h\,(w f_1 + w f_2 + d f_3), \qquad d = 1 - 1/\sqrt 2,\ w = \sqrt 2/4 ,

the trapezoidal rule and the second backward difference formula (Bank et al., IEEE Trans. Electron
Devices 32 (1985) 1992): second order, L-stable, and both stages have the same operator. The error
is the difference to the embedded formula of third order (Hosea and Shampine, Appl. Numer. Math. 20
(1996) 21). Rates are differences of states, never evaluated, so stiff parts stay damped.

Voltage of a capacitance, current of an inductance and charge of one in series are components of y,
too: in each stage the circuit makes the source a constraint linear in voltage and current.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mpi4py import MPI

import numpy as np

from mitmodels.circuit import CircuitState, ImplicitStep, SeriesCircuit
from mitmodels.solvers.film.factorisation import Linearisation
from mitmodels.solvers.film.interfaces import Array, State, Surroundings, TransientSubstrate
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.substrate.half_space_transient import TransientHalfSpace
from mitmodels.solvers.film.transient.source import Source
from mitmodels.tr_bdf2 import ERROR, D, W

Sources = Callable[[float], Source]  # of a time [s]
_ITERATIONS = 8
# Of the residual, over the reference power: a runaway multiplies what a step leaves behind.
_RESIDUAL = 1e-11


@dataclass(frozen=True, eq=False)
class TransientState:
    """A state in time.

    Attributes
    ----------
    time : float
        [s].
    state : State
    thermal, rate : ndarray
        Thermal state of the substrate and its rate of change.
    trend : ndarray, shape (nodes, 2)
        Rate of change of the state's unknown.
    voltage_trend : float
        That of the voltage across the film [V/s].
    circuit : CircuitState
    work : float
        What the source has put into the device since the beginning [J].
    memory : ndarray or None
        What the phases of the film at the owned nodes remember [K], of a law with a memory.
    """

    time: float
    state: State
    thermal: Array
    rate: Array
    trend: Array
    voltage_trend: float
    circuit: CircuitState
    work: float
    memory: Array | None = None


@dataclass(frozen=True)
class Step:
    """A step: its stages, and estimates of its error.

    Attributes
    ----------
    middle, end : TransientState
    error : ndarray
        Of the temperature [K] per node.
    circuit_error : tuple of float
        Of the voltage [V] of a capacitance, the current [A] of an inductance and the charge [C] of
        a capacitance in series.
    """

    middle: TransientState
    end: TransientState
    error: Array
    circuit_error: tuple[float, float, float]


@dataclass(frozen=True)
class Tolerance:
    """Error allowed in one step.

    Attributes
    ----------
    temperature : float
        At a node that is not heated [K].
    relative : float
        Fraction of the heating allowed in addition.
    circuit : float
        Of voltage and current of a circuit: fraction of theirs and of what drives the film.
    drive : float
        Largest voltage [V] that drives the cold film.
    """

    temperature: float = 0.02
    relative: float = 2e-4
    circuit: float = 5e-9
    drive: float = 1.0


class Stepper:
    """Advances a film by single steps under a constraint of the source that depends on time.

    Parameters
    ----------
    newton : BorderedNewton
        Of a film with a heat capacity.
    substrate : TransientSubstrate
        That of ``newton``.
    tolerance : Tolerance
    memory : float
        What a film with a memory remembers at first [K]; of 0 K it has only been heated.
    circuit : SeriesCircuit
        Between source and device.

    Attributes
    ----------
    surroundings : Surroundings or None
        What warms a film on a half-space besides its own heat.
    longest : float
        Longest step [s].
    """

    surroundings: Surroundings | None = None
    longest = np.inf

    def __init__(
        self,
        newton: BorderedNewton,
        substrate: TransientSubstrate,
        tolerance: Tolerance,
        memory: float = 0.0,
        circuit: SeriesCircuit | None = None,
    ) -> None:
        self.newton, self.substrate, self.tolerance = newton, substrate, tolerance
        self._memory, self.circuit = memory, circuit or SeriesCircuit()

    def rest(self, source: Sources) -> TransientState:
        """Return the steady state at the time zero, reached from the cold device."""
        self.newton.film.memory = np.full(self.newton.film.owned, self._memory)
        self._start_step(self.substrate.initial_state, np.inf)
        state = self.newton.solve(source(0.0)(ImplicitStep()), self.substrate.start, 0.0)
        thermal = self.substrate.thermal_state(state.unknown[:, 1])
        still = np.zeros_like(thermal), np.zeros_like(state.unknown)
        circuit = source(0.0).after(state.reading.V_device, state.current, ImplicitStep())
        return TransientState(
            0.0, state, thermal, *still, 0.0, circuit, 0.0, self.newton.film.followed
        )

    def step(
        self,
        before: TransientState,
        duration: float,
        source: Sources,
        end: float | None = None,
    ) -> Step:
        """Advance by a duration [s], or to the time ``end`` if rounding tells them apart.

        Raises
        ------
        SolverError
            If a stage does not converge; nothing has changed then.
        """
        tau = D * duration
        known = _known(before, (before,), tau, tau)
        middle = self._stage(before, source, before.time + 2 * tau, *known)
        known = _known(before, (before, middle), W * duration, tau)
        last = self._stage(middle, source, end or before.time + duration, *known)
        stages = before, middle, last
        weights = duration * np.array((W, W, D))
        work = before.work + float(weights @ [stage.state.reading.P for stage in stages])
        circuit = self._integrated(before.circuit, stages, weights)
        error = duration / 3 * np.array(ERROR)
        thermal = sum(e * stage.rate for e, stage in zip(error, stages, strict=True))
        voltage = float(error @ [stage.circuit.voltage_rate for stage in stages])
        current = float(error @ [stage.circuit.current_rate for stage in stages])
        end_state = replace(last, work=work, circuit=circuit)
        charge = float(error @ [stage.circuit.current for stage in stages])
        return Step(middle, end_state, self.substrate.rise(thermal), (voltage, current, charge))

    def relative_error(self, step: Step) -> float:
        """Largest error of a step over what is allowed, equal on all ranks."""
        heating = np.abs(step.end.state.fields[:, 1] - self.newton.film.ambient)
        allowed = self.tolerance.temperature + self.tolerance.relative * heating
        worst = float(np.max(np.abs(step.error) / allowed, initial=0.0))
        return self.newton.film.comm.allreduce(max(worst, self._circuit_error(step)), MPI.MAX)

    def _circuit_error(self, step: Step) -> float:
        """Error of the circuit over what is allowed; of what stores nothing it has no meaning."""
        now, (voltage, current, charge) = step.end.circuit, step.circuit_error
        volts = self.tolerance.drive
        amperes = volts * self.scales[1] / self.scales[0]
        worst = 0.0
        if self.circuit.capacitance:
            worst = abs(voltage) / (volts + abs(now.voltage))
        if self.circuit.inductance:
            worst = max(worst, abs(current) / (amperes + abs(now.current)))
        if self.circuit.is_blocked:
            coulombs = volts * self.circuit.series_capacitance
            worst = max(worst, abs(charge) / (coulombs + abs(now.charge)))
        return worst / self.tolerance.circuit

    @property
    def scales(self) -> tuple[float, float]:
        """Voltage [V] and current [A] that heat the cold film by the reference power."""
        film = self.newton.film
        return film.voltage_scale, film.power_scale / film.voltage_scale

    def _start_step(self, before: Array, tau: float, time: float = 0.0) -> None:
        """Make film and substrate those of an implicit step that ends at a time [s]."""
        self.substrate.start_step(before, tau)
        rise = self.substrate.rise(before)
        if self.surroundings:
            assert isinstance(self.substrate, TransientHalfSpace)
            outside, rate = self.surroundings(time)
            self.substrate.outside = outside
            # The film stores what that brings, at its rate of the end as all else.
            rise = rise + outside - (tau * rate if np.isfinite(tau) else 0.0)
        rise = self.newton.layout.owned(rise)
        self.newton.film.store(self.newton.film.ambient + rise, tau)

    def _stage(
        self,
        near: TransientState,
        source: Sources,
        time: float,
        known: Array,
        step: ImplicitStep,
    ) -> TransientState:
        """Solve y = known + tau f(y) from the trend of a state near by."""
        tau, span = step.duration, time - near.time
        self._start_step(known, tau, time)
        self.newton.film.memory = near.memory
        guess = near.state.unknown + span * near.trend
        V = near.state.voltage + span * near.voltage_trend
        state = self.newton.solve(source(time)(step), guess, V, _ITERATIONS, _RESIDUAL)
        thermal = self.substrate.thermal_state(state.unknown[:, 1])
        return TransientState(
            time,
            state,
            thermal,
            (thermal - known) / tau,
            (state.unknown - near.state.unknown) / span,
            (state.voltage - near.state.voltage) / span,
            source(time).after(state.reading.V_device, state.current, step),
            0.0,
            self.newton.film.followed,
        )

    def _integrated(
        self, before: CircuitState, stages: Sequence[TransientState], weights: Array
    ) -> CircuitState:
        """Circuit at the end of a step, with its integrals."""
        I, source = (  # noqa: E741
            np.array([getattr(stage.circuit, name) for stage in stages])
            for name in ("current", "source")
        )
        return replace(
            stages[-1].circuit,
            charge=before.charge + float(weights @ I),
            passed=before.passed + float(weights @ [stage.state.current for stage in stages]),
            work=before.work + float(weights @ (source * I)),
            heat=before.heat + self.circuit.load * float(weights @ I**2),
        )

    def set_fields(self, at: TransientState) -> None:
        """Set the film's fields and memory to those of a state."""
        self.newton.film.memory = at.memory
        self.newton.set_fields(at.state)

    def factor_at(self, factored: Linearisation) -> None:
        """Renew the factorisation where it was made once."""
        self._start_step(self.substrate.initial_state, factored.step)
        self.newton.film.memory = factored.memory
        self.newton.factor_at(factored.unknown, factored.voltage)


def _known(
    before: TransientState, stages: Sequence[TransientState], weight: float, tau: float
) -> tuple[Array, ImplicitStep]:
    """Known part of an implicit stage, of the thermal state and of the circuit."""
    start, circuits = before.circuit, [stage.circuit for stage in stages]
    voltage = start.voltage + weight * sum(circuit.voltage_rate for circuit in circuits)
    current = start.current + weight * sum(circuit.current_rate for circuit in circuits)
    charge = start.charge + weight * sum(circuit.current for circuit in circuits)
    rates = sum(stage.rate for stage in stages)
    return before.thermal + weight * rates, ImplicitStep(voltage, current, tau, charge)

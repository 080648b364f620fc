r"""One time step of a film: TR-BDF2, with an estimate of its error.

With y the thermal state and f its rate, the two implicit stages of a step of length h are

.. math::
    y_2 &= y_1 + d h\,(f_1 + f_2), \\
    y_3 &= y_1 + h\,(w f_1 + w f_2 + d f_3), \qquad d = 1 - 1/\sqrt 2,\ w = \sqrt 2/4 ,

the trapezoidal rule and the second backward difference formula (Bank et al., IEEE Trans. Electron
Devices 32 (1985) 1992): second order, L-stable, and both stages have the same operator. The error
is the difference to the embedded formula of third order (Hosea and Shampine, Appl. Numer. Math. 20
(1996) 21). Rates are differences of states, never evaluated, so stiff parts stay damped.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from mpi4py import MPI

import numpy as np

from mitmodels.solvers.film.bordered import Linearisation
from mitmodels.solvers.film.interfaces import Array, Constraint, State, TransientSubstrate
from mitmodels.solvers.film.newton import BorderedNewton

Constraints = Callable[[float], Constraint]  # of a time [s]
_D, _W = 1 - np.sqrt(0.5), np.sqrt(2) / 4
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
    work: float
    memory: Array | None = None


@dataclass(frozen=True)
class Step:
    """A step: its stages and an estimate of the error of the temperature [K] per node."""

    middle: TransientState
    end: TransientState
    error: Array


@dataclass(frozen=True)
class Tolerance:
    """Error allowed in one step.

    Attributes
    ----------
    temperature : float
        At a node that is not heated [K].
    relative : float
        Fraction of the heating allowed in addition.
    """

    temperature: float = 0.02
    relative: float = 2e-4


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
    """

    def __init__(
        self,
        newton: BorderedNewton,
        substrate: TransientSubstrate,
        tolerance: Tolerance,
        memory: float = 0.0,
    ) -> None:
        self.newton, self.substrate, self.tolerance = newton, substrate, tolerance
        self._memory = memory

    def rest(self, constraint: Constraints) -> TransientState:
        """Return the steady state at the time zero, reached from the cold device."""
        self.newton.film.memory = np.full(self.newton.film.owned, self._memory)
        self._start_step(self.substrate.initial_state, np.inf)
        state = self.newton.solve(constraint(0.0), self.substrate.start, 0.0)
        thermal = self.substrate.thermal_state(state.unknown[:, 1])
        still = np.zeros_like(thermal), np.zeros_like(state.unknown)
        return TransientState(0.0, state, thermal, *still, 0.0, 0.0, self.newton.film.followed)

    def step(
        self,
        before: TransientState,
        duration: float,
        constraint: Constraints,
        end: float | None = None,
    ) -> Step:
        """Advance by a duration [s], or to the time ``end`` if rounding tells them apart.

        Raises
        ------
        SolverError
            If a stage does not converge; nothing has changed then.
        """
        tau = _D * duration
        known = before.thermal + tau * before.rate
        middle = self._stage(before, constraint, before.time + 2 * tau, known, tau)
        known = before.thermal + _W * duration * (before.rate + middle.rate)
        last = self._stage(middle, constraint, end or before.time + duration, known, tau)
        power = [stage.state.reading.P for stage in (before, middle, last)]
        work = before.work + duration * float(np.dot((_W, _W, _D), power))
        difference = (4 * _W - 1) * before.rate - middle.rate + 2 * _D * last.rate
        return Step(
            middle, replace(last, work=work), self.substrate.rise(duration / 3 * difference)
        )

    def relative_error(self, step: Step) -> float:
        """Largest error of a step over what is allowed, equal on all ranks."""
        heating = np.abs(step.end.state.fields[:, 1] - self.newton.film.ambient)
        allowed = self.tolerance.temperature + self.tolerance.relative * heating
        worst = float(np.max(np.abs(step.error) / allowed, initial=0.0))
        return self.newton.film.comm.allreduce(worst, MPI.MAX)

    def _start_step(self, before: Array, tau: float) -> None:
        """Make film and substrate those of an implicit step."""
        self.substrate.start_step(before, tau)
        rise = self.newton.layout.owned(self.substrate.rise(before))
        self.newton.film.store(self.newton.film.ambient + rise, tau)

    def _stage(
        self, near: TransientState, constraint: Constraints, time: float, known: Array, tau: float
    ) -> TransientState:
        """Solve y = known + tau f(y) from the trend of a state near by."""
        self._start_step(known, tau)
        self.newton.film.memory = near.memory
        span = time - near.time
        guess = near.state.unknown + span * near.trend
        V = near.state.voltage + span * near.voltage_trend
        state = self.newton.solve(constraint(time), guess, V, _ITERATIONS, _RESIDUAL)
        thermal = self.substrate.thermal_state(state.unknown[:, 1])
        return TransientState(
            time,
            state,
            thermal,
            (thermal - known) / tau,
            (state.unknown - near.state.unknown) / span,
            (state.voltage - near.state.voltage) / span,
            0.0,
            self.newton.film.followed,
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

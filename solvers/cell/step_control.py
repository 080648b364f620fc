"""How long a step of the growth may be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StepControl:
    """Bounds of a time step.

    Attributes
    ----------
    log_conductance : float
        Largest difference between Euler's and Heun's step in the logarithm of the tunnel
        conductance.
    least_conductance : float
        Added to the conductance [S]: a current far below any that can be measured need not be
        resolved.
    position : float
        Likewise in the position of a node, over the height of the filament or 1 nm if higher.
    longest, first, shortest : float
        Longest, first and shortest step [s].
    stiffness : float
        Largest product of step and decay rate of the growth into the void; Heun's method is
        stable up to 2.
    contact : float
        Gap at which filament and electrode count as touching [m].
    rounding : float
        Length by which dissolution follows the curvature, see `rounded` [m].
    """

    log_conductance: float = 0.02
    least_conductance: float = 1e-13
    position: float = 0.02
    longest: float = 0.05
    first: float = 0.02
    shortest: float = 1e-9
    stiffness: float = 0.7
    contact: float = 0.05e-9
    rounding: float = 0.02e-9

    def refined(self, factor: float) -> "StepControl":
        """Return a control whose steps are about ``factor`` times shorter."""
        return StepControl(
            self.log_conductance / factor**2,
            self.least_conductance,
            self.position / factor**2,
            self.longest / factor,
            self.first / factor,
            self.shortest,
            self.stiffness / factor,
            self.contact,
            self.rounding,
        )

"""A law of the magnetisation that is not one of the package: m = [1 - (T/T_c)^inner]^outer."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PowerLaw:
    """3/2 follows the Bloch law at low temperature; 1 is critical scaling throughout."""

    inner: float = 1.5
    outer: float = 0.37
    curie_temperature: float = 340.0

    def __call__(self, temperature):
        """Effective magnetisation [T], 0.96 T at 100 K."""
        return 0.96 * self._reduced(np.asarray(temperature)) / self._reduced(100.0)

    def _reduced(self, temperature):
        t = np.minimum(temperature / self.curie_temperature, 1.0)
        return (1 - t**self.inner) ** self.outer

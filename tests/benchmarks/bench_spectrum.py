"""Cost of the spectrum of a large temperature field."""

import time
import tracemalloc

import numpy as np

from mitmodels.magnetism.magnetisation import Brillouin
from mitmodels.magnetism.spectrum import Ferromagnet, spectrum


def test_one_million_cells():
    """500 fields in under a second of one core and 1 GiB of arrays."""
    film = Ferromagnet(Brillouin(), H_a=0.0138, g=2.0, damping=0.0045, inhomogeneous=0.47e-3)
    rng = np.random.default_rng(0)
    temperature, weight = rng.uniform(100, 360, 10**6), rng.uniform(0, 1, 10**6)
    field = np.linspace(0.0, 0.1, 500)
    start = time.process_time()
    spectrum(film, field, 6e9, temperature, weight)
    assert time.process_time() - start < 1.0
    tracemalloc.start()
    spectrum(film, field, 6e9, temperature, weight)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**30

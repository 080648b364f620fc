"""Physical constants in SI, from CODATA 2022 as shipped by SciPy."""

import math

from scipy import constants

ELEMENTARY_CHARGE: float = constants.e  # [C]
PLANCK: float = constants.h  # [J s]
REDUCED_PLANCK: float = constants.hbar  # [J s]
BOLTZMANN: float = constants.k  # [J/K]
ELECTRON_MASS: float = constants.m_e  # [kg]
BOHR_MAGNETON: float = constants.physical_constants["Bohr magneton"][0]  # [J/T]
FARADAY: float = constants.N_A * constants.e  # [C/mol]
CONDUCTANCE_QUANTUM: float = 2 * constants.e**2 / constants.h  # [S]
LORENZ: float = math.pi**2 / 3 * (constants.k / constants.e) ** 2  # of free electrons [W ohm/K2]

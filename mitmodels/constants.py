"""Physical constants in SI, of CODATA 2022: SciPy has them too but takes long to load."""

import math

ELEMENTARY_CHARGE = 1.602176634e-19  # [C]
PLANCK = 6.62607015e-34  # [J s]
REDUCED_PLANCK = PLANCK / (2 * math.pi)  # [J s]
BOLTZMANN = 1.380649e-23  # [J/K]
AVOGADRO = 6.02214076e23  # [1/mol]
ELECTRON_MASS = 9.1093837139e-31  # [kg]
BOHR_MAGNETON = 9.2740100657e-24  # [J/T]
FARADAY = AVOGADRO * ELEMENTARY_CHARGE  # [C/mol]
CONDUCTANCE_QUANTUM = 2 * ELEMENTARY_CHARGE**2 / PLANCK  # [S]
LORENZ = math.pi**2 / 3 * (BOLTZMANN / ELEMENTARY_CHARGE) ** 2  # of free electrons [W ohm/K2]

"""Weights of TR-BDF2, the implicit step of films and circuits in time.

Its stages and sources are those of `mitmodels.solvers.film.transient.tr_bdf2`.
"""

import math

D = 1 - math.sqrt(0.5)
"""Of the own rate in each implicit stage."""
W = math.sqrt(2) / 4
"""Of the two earlier rates in the last stage."""
ERROR = (4 * W - 1, -1.0, 2 * D)
"""Of the three rates in three times the error over the length of the step."""

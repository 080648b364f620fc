r"""Contact of a pad that lies on a film: current passes from one to the other over a length.

With the sheet resistance R_s of the film and the resistivity rho_c of the contact, the potential of
the film under a pad on the potential zero obeys, at an even temperature,

.. math:: \phi'' = \phi/L_T^2, \qquad L_T = \sqrt{\rho_c/R_s} .
"""

import math


def transfer_length(resistivity: float, sheet_resistance: float) -> float:
    """Length L_T [m] over which the current leaves the film [ohm m2, ohm]."""
    return math.sqrt(resistivity / sheet_resistance)


def contact_resistance(
    resistivity: float, sheet_resistance: float, length: float, width: float
) -> float:
    r"""Resistance [ohm] between a pad and the edge of the film under it.

    .. math:: R_c W = \sqrt{\rho_c R_s} \coth(L/L_T)

    Parameters
    ----------
    resistivity : float
        rho_c [ohm m2]; 0 is an ideal contact.
    sheet_resistance : float
        Of the film [ohm].
    length, width : float
        Of the pad, along and across the current [m].
    """
    if not resistivity:
        return 0.0
    reach = transfer_length(resistivity, sheet_resistance)
    return sheet_resistance * reach / width / math.tanh(length / reach)

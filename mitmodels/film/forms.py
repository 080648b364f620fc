"""Weak forms, one term per function; `dx` and `dA` are the weighted measures of a Device."""

from typing import Any

from ufl import grad, inner


def current_continuity(psi: Any, w: Any, conductivity: Any, dx: Any) -> Any:
    r"""Conservation of current for the normalised potential psi = phi / V.

    .. math:: \int \sigma(T)\, \nabla\psi \cdot \nabla w \, dx
    """
    return conductivity * inner(grad(psi), grad(w)) * dx


def heat_conduction(T: Any, v: Any, thermal_conductivity: Any, dx: Any) -> Any:
    r"""Heat conduction; with a sheet conductance [W/K] the measure is the plan area.

    .. math:: \int \kappa\, \nabla T \cdot \nabla v \, dx
    """
    return thermal_conductivity * inner(grad(T), grad(v)) * dx


def joule_heat(psi: Any, v: Any, voltage: Any, conductivity: Any, dx: Any) -> Any:
    r"""Joule heat of phi = V psi.

    .. math:: \int V^2 \sigma(T)\, |\nabla\psi|^2\, v \, dx
    """
    return voltage**2 * conductivity * inner(grad(psi), grad(psi)) * v * dx


def contact_current(psi: Any, w: Any, pad: Any, conductance: Any, dA: Any) -> Any:
    r"""Current into a pad on the film, through a contact that conducts so much per area.

    .. math:: \int \frac{\psi - \psi_\mathrm{pad}}{\rho_c}\, w \, dA
    """
    return conductance * (psi - pad) * w * dA


def contact_heat(psi: Any, v: Any, voltage: Any, pad: Any, conductance: Any, dA: Any) -> Any:
    r"""Heat that a contact under a pad makes.

    .. math:: \int V^2 \frac{(\psi - \psi_\mathrm{pad})^2}{\rho_c}\, v \, dA
    """
    return voltage**2 * conductance * (psi - pad) ** 2 * v * dA


def surface_loss(T: Any, v: Any, ambient: Any, coefficient: Any, dA: Any) -> Any:
    r"""Local heat loss into a sheet substrate.

    .. math:: \int g\, (T - T_0)\, v \, dA
    """
    return coefficient * (T - ambient) * v * dA


def heat_storage(T: Any, v: Any, before: Any, capacity_rate: Any, dx: Any) -> Any:
    r"""Heat stored since ``before`` in an implicit step of length tau.

    .. math:: \int \frac{\rho c_p}{\tau}\, (T - T_\mathrm{before})\, v \, dx
    """
    return capacity_rate * (T - before) * v * dx

"""Weak forms, one term per function; `dx` and `dA` are the weighted measures of a Device."""

from typing import Any

from ufl import grad, inner


def current_continuity(psi: Any, w: Any, conductivity: Any, dx: Any) -> Any:
    r"""Conservation of current for the normalised potential psi = phi / V.

    .. math:: \int \sigma(T)\, \nabla\psi \cdot \nabla w \, dx
    """
    return conductivity * inner(grad(psi), grad(w)) * dx


def conductance(psi: Any, conductivity: Any, dx: Any) -> Any:
    r"""Conductance between the contacts, so that I = V G.

    .. math:: G = \int \sigma(T)\, |\nabla\psi|^2 \, dx
    """
    return conductivity * inner(grad(psi), grad(psi)) * dx


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

"""Elementary functions of floats, arrays and UFL expressions alike."""

from typing import Any

import ufl

import numpy as np


def _symbolic(*arguments: Any) -> bool:
    return any(isinstance(x, ufl.core.expr.Expr) for x in arguments)


def exp(x: Any) -> Any:
    """Exponential."""
    return ufl.exp(x) if _symbolic(x) else np.exp(x)


def log(x: Any) -> Any:
    """Natural logarithm."""
    return ufl.ln(x) if _symbolic(x) else np.log(x)


def expm1(x: Any) -> Any:
    """Exponential minus one; without loss of digits near zero for numbers."""
    return ufl.exp(x) - 1 if _symbolic(x) else np.expm1(x)


def sinh(x: Any) -> Any:
    """Hyperbolic sine."""
    return ufl.sinh(x) if _symbolic(x) else np.sinh(x)


def cosh(x: Any) -> Any:
    """Hyperbolic cosine."""
    return ufl.cosh(x) if _symbolic(x) else np.cosh(x)


def sqrt(x: Any) -> Any:
    """Square root."""
    return ufl.sqrt(x) if _symbolic(x) else np.sqrt(x)


def smaller(a: Any, b: Any) -> Any:
    """Smaller of two values, with the derivative of the one it returns."""
    return ufl.conditional(ufl.lt(a, b), a, b) if _symbolic(a, b) else np.minimum(a, b)


def larger(a: Any, b: Any) -> Any:
    """Larger of two values, with the derivative of the one it returns."""
    return ufl.conditional(ufl.gt(a, b), a, b) if _symbolic(a, b) else np.maximum(a, b)


def below(x: Any, bound: float, then: Any, otherwise: Any) -> Any:
    """`then` where x < bound, else `otherwise`; both are evaluated."""
    if _symbolic(x, then, otherwise):
        return ufl.conditional(ufl.lt(x, bound), then, otherwise)
    return np.where(np.less(x, bound), then, otherwise)

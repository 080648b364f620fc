"""Elementary functions of floats, arrays and UFL expressions alike."""

from collections.abc import Callable
from typing import Any

import ufl

import numpy as np


def _symbolic(*arguments: Any) -> bool:
    return any(isinstance(x, ufl.core.expr.Expr) for x in arguments)


def _function(
    symbolic: Callable[[Any], Any], numeric: Callable[[Any], Any]
) -> Callable[[Any], Any]:
    return lambda x: symbolic(x) if _symbolic(x) else numeric(x)


exp = _function(ufl.exp, np.exp)
"""Exponential."""
log = _function(ufl.ln, np.log)
"""Natural logarithm."""
expm1 = _function(lambda x: ufl.exp(x) - 1, np.expm1)
"""Exponential minus one; without loss of digits near zero for numbers."""
sinh = _function(ufl.sinh, np.sinh)
"""Hyperbolic sine."""
cosh = _function(ufl.cosh, np.cosh)
"""Hyperbolic cosine."""
sqrt = _function(ufl.sqrt, np.sqrt)
"""Square root."""


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

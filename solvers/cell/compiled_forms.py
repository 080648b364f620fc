"""Forms that are compiled once and bound to every new mesh.

Remeshing asks for the same forms on other meshes. Processing their UFL again takes longer than the
solution does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import ufl
from dolfinx import fem
from dolfinx.fem import IntegralType
from dolfinx.fem.forms import CompiledForm, compile_form, create_form, get_integration_domains

import numpy as np
import numpy.typing as npt

from mitmodels.meshes.device import Device


@dataclass(frozen=True)
class CompiledForms:
    """Compiled forms of the axisymmetric or planar devices that one builder makes.

    Attributes
    ----------
    forms : mapping
        By name.
    coefficients : sequence of Function
        Those of the UFL forms.
    constants : sequence of Constant
        Likewise.
    """

    forms: Mapping[str, CompiledForm]
    coefficients: Sequence[fem.Function]
    constants: Sequence[fem.Constant]

    @classmethod
    def compile(
        cls,
        forms: Mapping[str, ufl.Form],
        coefficients: Sequence[fem.Function],
        constants: Sequence[fem.Constant],
    ) -> Self:
        """Compile forms whose coefficients and constants are among those given."""
        comm = coefficients[0].function_space.mesh.comm
        compiled = {name: compile_form(comm, form) for name, form in forms.items()}
        return cls(compiled, coefficients, constants)

    def bind(
        self,
        device: Device,
        space: fem.FunctionSpace,
        coefficients: Sequence[fem.Function],
        constants: Sequence[fem.Constant],
    ) -> dict[str, fem.Form]:
        """Return the forms on a device with functions and constants in the order of the originals.

        ``space`` is that of all test and trial functions. The regions and boundaries of the device
        must have the tags of the one for which the forms were written.
        """
        functions = dict(zip(self.coefficients, coefficients, strict=True))
        values = dict(zip(self.constants, constants, strict=True))
        return {
            name: create_form(
                form,
                [space] * len(form.ufl_form.arguments()),
                device.mesh,
                _subdomains(form, device),
                functions,
                values,
            )
            for name, form in self.forms.items()
        }


def _subdomains(
    form: CompiledForm, device: Device
) -> dict[IntegralType, list[tuple[int, npt.NDArray[np.int32]]]]:
    """Entities of the device over which a form integrates, by the tags in the form."""
    offsets = form.ufcx_form.form_integral_offsets
    found = {}
    for kind, codimension in ((IntegralType.cell, 0), (IntegralType.interior_facet, 1)):
        numbers = range(offsets[kind.value], offsets[kind.value + 1])
        ids = [form.ufcx_form.form_integral_ids[j] for j in numbers]
        if ids:
            found[kind] = get_integration_domains(kind, device.tags[codimension], ids)
    return found

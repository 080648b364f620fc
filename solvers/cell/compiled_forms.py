"""Forms that are compiled once and bound to every new mesh.

Remeshing asks for the same forms on other meshes. Processing their UFL again takes longer than the
solution does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from dolfinx import fem
from dolfinx.fem import IntegralType
from dolfinx.fem.forms import CompiledForm, compile_form, create_form, get_integration_domains

import numpy as np
import numpy.typing as npt

from mitmodels.meshes.device import Device
from mitmodels.solvers.cell.forms import CellFields, CellForms


@dataclass(frozen=True)
class CompiledForms:
    """Compiled forms of the axisymmetric or planar devices that one builder makes.

    Attributes
    ----------
    forms : mapping
        By name.
    fields : CellFields
        Those of the UFL forms.
    """

    forms: Mapping[str, CompiledForm]
    fields: CellFields

    @classmethod
    def compile(cls, forms: CellForms) -> Self:
        """Compile the forms of a cell."""
        comm = forms.device.mesh.comm
        compiled = {name: compile_form(comm, form) for name, form in forms.all().items()}
        return cls(compiled, forms.fields)

    def bind(self, device: Device, on_device: CellFields) -> dict[str, fem.Form]:
        """Return the forms on a device with its fields in place of the originals.

        The regions and boundaries of the device must have the tags of the one for which the forms
        were written.
        """
        space = on_device.psi.function_space
        new: dict[Any, Any] = {
            getattr(self.fields, f.name): getattr(on_device, f.name) for f in fields(CellFields)
        }
        return {
            name: create_form(
                form,
                [space] * len(form.ufl_form.arguments()),
                device.mesh,
                _subdomains(form, device),
                new,
                new,
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

"""Code in the text that is the name of a module, class or function leads to its page.

``SwitchingResistivity`` or ``mitmodels.film.barrier`` may be written as it is: where one object of
the Python reference has that name, or ends with it, it becomes a link.
"""

from collections import defaultdict

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.nodes import make_refnode

_PAGES = ("theory/", "howto/", "tutorials/")
_KINDS = {"module", "class", "function", "method", "property"}


def _link(app: Sphinx, doctree: nodes.document, name: str) -> None:
    if not name.startswith(_PAGES):
        return
    places = _places(app)
    for literal in list(doctree.findall(nodes.literal)):
        place = places.get(literal.astext().removesuffix("()"))
        if place and not isinstance(literal.parent, nodes.reference):
            link = make_refnode(app.builder, name, *place, literal.deepcopy())
            literal.parent.replace(literal, link)


def _places(app: Sphinx) -> dict[str, tuple[str, str]]:
    """Return page and anchor of every name that only one object has."""
    found: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for full, _, kind, page, anchor, _ in app.env.domains.python_domain.get_objects():
        if kind in _KINDS and full.startswith("mitmodels"):
            found[full].add((page, anchor))
            last = full.rpartition(".")[2]
            if not last.islower() or "_" in last:  # others are words of TOML files too
                found[last].add((page, anchor))
    return {name: places.pop() for name, places in found.items() if len(places) == 1}


def setup(app: Sphinx) -> dict[str, bool]:
    """Link them when all pages are read."""
    app.connect("doctree-resolved", _link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

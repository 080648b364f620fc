"""Documents: TOML files as frozen, checked configurations, and back in SI with every source.

Whatever is wrong with the file becomes one ``InputError``: a sentence that names the file, the key,
the value and the remedy.
"""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import BaseModel, ValidationError

from mitmodels.cases.config.layers import (
    RENAMED,
    UNSET,
    Layer,
    Source,
    find_files,
    keep_files,
    merged,
    override,
    read_layers,
)
from mitmodels.cases.config.materials import filled
from mitmodels.cases.config.messages import Location, dotted, kinds_of, sentence
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.config.section import CaseConfig
from mitmodels.cases.config.toml_file import place, rewritten
from mitmodels.errors import InputError


@dataclass(frozen=True)
class Document:
    """The content of a TOML file with the overrides of the command line, not yet checked.

    Attributes
    ----------
    path : Path
        The file.
    text : str
        As it stands on disk.
    data : dict
        Parsed, on top of the file's base, with the overrides applied.
    overrides : tuple of str
        As given, ``"section.key=value"``.
    layers : tuple of Layer
        The file, its base, the base of that, and so on.
    """

    path: Path
    text: str
    data: dict[str, Any]
    overrides: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()

    def validate[Model: BaseModel](self, model: type[Model]) -> Model:
        """Check everything against ``model``.

        Raises
        ------
        InputError
            With the first fault; an unknown key is reported before what it leaves missing.
        """
        try:
            data = self.of_kinds(model).data
            data = model.completed(data) if issubclass(model, CaseConfig) else data
            data = filled(model, data)
        except InputError as error:
            raise self.fault(str(error)) from None
        try:
            return model.model_validate(data)
        except ValidationError as invalid:
            errors = invalid.errors(include_url=False)
        errors.sort(key=lambda error: error["type"] != "extra_forbidden")
        location, fault = sentence(model, data, errors[0])
        raise self._fault_at(location, fault, errors[0]["type"] == "extra_forbidden")

    def of_kinds(self, model: type[BaseModel]) -> "Document":
        """Return the document without what its bases say of another kind of a section.

        Where a file changes the kind of a section, its ``law`` or ``model``, on a base, the base's
        keys of that kind alone are none of its own.
        """
        data = dict(self.data)
        for name, field in model.model_fields.items():
            section, tag = data.get(name), field.discriminator
            if isinstance(tag, str) and isinstance(section, dict) and "value" not in section:
                dropped = self._other_kinds(name, tag, kinds_of(field.annotation, tag))
                data[name] = {key: v for key, v in section.items() if key not in dropped}
        return replace(self, data=data)

    def inherited(self, config: BaseModel) -> dict[str, str]:
        """Return the values that bases and records of materials give, by section and origin."""
        found: dict[str, list[str]] = {}
        for name, section in config:
            for key, value in section if isinstance(section, BaseModel) else [("", section)]:
                origin = self._origin(name, key, value)
                if origin and name != "case" and value is not None:
                    said = f"{key} = {_said(value)}" if key else _said(value)
                    found.setdefault(f"{name} ({origin})", []).append(said)
        return {place: ", ".join(said) for place, said in found.items()}

    def _origin(self, section: str, key: str, value: Any) -> str:
        """Return which base or record gives a value, "" if the file itself or nothing does."""
        depth = self._depth((section, key) if key else (section,))
        kept = not key or key in self.data.get(section, {})  # not taken out by "{}" in between
        if kept and 0 < depth < len(self.layers):
            return f"base {self.layers[depth].path.stem}"
        given = isinstance(value, Quantity) and value.source != "default"
        record = self.data.get(section, {}).get("material") if depth > 0 and given else None
        return f"material {record}" if record else ""

    def _other_kinds(
        self, section: str, tag: str, kinds: Mapping[str, type[BaseModel]]
    ) -> frozenset[str]:
        """Keys of other kinds that bases give to a section below the file that says its kind."""
        tags = [(self._depth((section, tag)), self.data[section].get(tag))]
        tags += [(i, layer.at((section, tag))) for i, layer in enumerate(self.layers)]
        (decided, kind), *rest = [(depth, value) for depth, value in tags if value is not None] or [
            (0, None)
        ]
        if not isinstance(kind, str) or kind not in kinds or all(v == kind for _, v in rest):
            return frozenset()
        others = {key for model in kinds.values() for key in model.model_fields}
        others -= kinds[kind].model_fields.keys() - {"valid"}
        return frozenset(key for key in others if self._depth((section, key)) > decided)

    def _depth(self, location: Location) -> int:
        """Position of the file that gives a key, -1 of the command line."""
        key = dotted(location) + "."
        if any(key.startswith(_name(item) + ".") for item in self.overrides):
            return -1
        giving = (i for i, layer in enumerate(self.layers) if layer.has(location))
        return next(giving, len(self.layers))

    def reproduction(self) -> str:
        """TOML text that reads back to the same content wherever it is.

        It is the file itself, with its comments, where its bases, paths relative to its folder and
        overrides change nothing.
        """
        return rewritten(self.text, self.data)

    def packed(self, folder: str) -> tuple[str, dict[str, str]]:
        """Return that text with copies of its files in a folder beside it, and copies and files."""
        data, kept = copy.deepcopy(self.data), dict[str, str]()
        keep_files(data, folder, kept)
        return rewritten(self.text, data), kept

    def fault(self, sentence: str) -> InputError:
        """Return the error of a sentence that begins with the key it is about, if with any."""
        key = re.split(r"[^\w.]", sentence, maxsplit=1)[0]
        parts = tuple(int(part) if part.isdecimal() else part for part in key.split("."))
        return self._fault_at(parts, sentence)

    def _fault_at(self, location: Location, sentence: str, is_unknown: bool = False) -> InputError:
        """Return the error of a sentence, with the line of the file, or the command line."""
        depth = self._depth(location)
        if depth < 0:
            return InputError(f"--set: {sentence}")
        layer = next(iter(self.layers[depth:]), Layer(self.path, self.text, {}))
        found = place(layer.text, layer.written(location))
        origin = f"{layer.path}:{found[0]}:{found[1]}" if found else str(layer.path)
        if layer.data and depth > 0:
            remedy = f'{dotted(location)} = "{UNSET}"' if is_unknown else dotted(location)
            sentence += f" (a base of {self.path}: give {remedy} there)"
        return InputError(f"{origin}: {sentence}")


def load_config[Model: BaseModel](
    source: Source, overrides: Sequence[str], model: type[Model]
) -> Model:
    """Read a TOML file, apply ``section.key=value`` overrides and check it against a model.

    Parameters
    ----------
    source
        The file, the name of a shipped case, or content as it would stand in a file.
    overrides
        Values to replace, in TOML (``"geometry.width=30 um"``; quotes around a string may be left
        out). Items of a list have numbers: ``"protocol.0.to=30 V"``. Nothing behind the equals
        sign takes a key out: ``"geometry.mesh="``.
    model
        The configuration of the case.

    Raises
    ------
    InputError
        Whatever is wrong, in one sentence.
    """
    return read(source, overrides).validate(model)


def read(source: Source, overrides: Sequence[str] = ()) -> Document:
    """Read a TOML file, shipped case or mapping on top of its base, without checking it.

    The overrides are applied.

    Raises
    ------
    InputError
        If a file is missing, unreadable, empty or not TOML, or an override does not fit into it.
    """
    layers = read_layers(source)
    path = layers[0].path
    data = merged(layers)
    for item in overrides:
        override(data, item)
    find_files(data, path.absolute().parent)
    return Document(path, layers[0].text, data, tuple(overrides), layers)


def resolved(config: BaseModel, kept: Mapping[str, str] | None = None) -> str:
    """TOML text of a configuration in SI, with source and status beside every number.

    It reads back to the identical configuration; ``kept`` has the copies of files, and the files,
    that it shall name instead.
    """
    text = "\n".join(_lines(config, "")).lstrip("\n") + "\n"
    for copied, file in (kept or {}).items():
        text = text.replace(_inline(file), _inline(copied))
    return text


def _said(value: Any) -> str:
    """Return a value with its status, of long ones their number."""
    if isinstance(value, Quantity):
        return f"{value.given or value.si} ({value.status})"
    if isinstance(value, tuple | dict):
        return f"{len(value)} entries"
    return str(value)


def _name(item: str) -> str:
    name = item.partition("=")[0].strip()
    return RENAMED.get(name, name)


def _lines(section: BaseModel, name: str) -> Iterator[str]:
    """Lines of a section: its own values first, then its tables and lists of tables."""
    items = [(key, value) for key, value in section if value is not None]
    for key, value in items:
        if not _is_tables(value):
            yield f"{_key(key)} = {_inline(value)}"
    for key, value in items:
        if not _is_tables(value):
            continue
        full = f"{name}.{_key(key)}" if name else _key(key)
        for table in value if isinstance(value, tuple) else (value,):
            yield f"\n[[{full}]]" if isinstance(value, tuple) else f"\n[{full}]"
            yield from _lines(table, full)


def _is_tables(value: Any) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(isinstance(item, BaseModel) for item in value)
    return isinstance(value, BaseModel)


def _inline(value: Any) -> str:
    if isinstance(value, Quantity):
        number: Any = value.si if value.unit else float(value)
        value = {"value": number, "status": value.status, "source": value.source}
    if isinstance(value, dict):
        inside = ", ".join(f"{_key(key)} = {_inline(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_inline(item) for item in value)}]"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")


def _key(key: str) -> str:
    return tomli_w.dumps({key: 0}).removesuffix(" = 0\n")

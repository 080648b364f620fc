"""Bibliography of a run: the sources that its numbers name, for whoever publishes it."""

import re
from pathlib import Path

_LIBRARY = Path(__file__).resolve().parents[1] / "references.bib"
_CITED = re.compile(r"\[([a-z]+\d{4})\b")  # "[salev2021, Fig. 2]"


def run_texts(config: str, resolved: str) -> dict[str, str]:
    """Return the files of a run that say what was asked, and whose numbers it takes, by name."""
    texts = {"config.toml": config, "config.resolved.toml": resolved}
    cited = bibliography(resolved)
    return {**texts, "citations.bib": cited} if cited else texts


def bibliography(text: str) -> str:
    """Return the BibTeX entries that a text cites by their keys, empty if it cites none.

    Parameters
    ----------
    text
        Of a configuration, with the source of every number.
    """
    cited = set(_CITED.findall(text))
    entries = re.split(r"\n(?=@)", _LIBRARY.read_text(encoding="utf-8"))[1:]
    return "\n".join(entry for entry in entries if entry.partition("{")[2].split(",")[0] in cited)

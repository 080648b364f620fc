"""What the pages link to is there, also outside of the site, whose build checks its own links."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)")
ADDRESS = re.compile(r"\bhttps?:[^\s)>\"'`]*")
WHOLE = re.compile(r"https://[\w-]+(\.[\w-]+)+(/[\w./#%~?=&+-]*)?")
DOI = re.compile(r"^ *doi *[=:] *\{?(.*?)\}?,?$", re.MULTILINE)
MADE = ("_build/", "reference/", "tutorials/notebooks/")  # by the build of the site

pytestmark = pytest.mark.serial


def pages():
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("no repository of git")
    listed = ["git", "ls-files", "*.md"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in found.stdout.split()]


def test_relative_links_lead_to_files():
    links = [(page, target) for page in pages() for target in LINK.findall(page.read_text())]
    assert len(links) > 50
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page, target in links
        if not (page.parent / target).exists() and not any(part in target for part in MADE)
    ]
    assert broken == []


def test_addresses_are_whole():
    """Whether they answer only a network can tell; what is cut off or unsafe is seen here."""
    texts = {page: page.read_text() for page in pages()}
    found = [(page, address) for page, text in texts.items() for address in ADDRESS.findall(text)]
    assert found
    assert [(page, address) for page, address in found if not WHOLE.fullmatch(address)] == []


def test_identifiers_of_papers_are_whole():
    files = [ROOT / "cases/references.bib", ROOT / "CITATION.cff"]
    dois = [doi for file in files for doi in DOI.findall(file.read_text())]
    assert len(dois) > 6
    assert [doi for doi in dois if not re.fullmatch(r"10\.\d{4,9}/[\w.()/:;-]+", doi)] == []

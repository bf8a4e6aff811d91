"""Configuration of the documentation build; decision 23 gives the reasons."""

from __future__ import annotations

import inspect
import re
import sys
from importlib.metadata import version as installed_version
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

project = "forcest"
author = "The forcest authors"
copyright = author
release = version = installed_version("forcest")

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinxcontrib.bibtex",
    "mathml",
]
exclude_patterns = ["claim-bench-table.md", "losses-table.md", "reporting-record-table.md", "_build"]
nitpicky = True

myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "colon_fence", "attrs_block"]
myst_heading_anchors = 3
bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "plain"
bibtex_reference_style = "author_year"

autosummary_generate = False
autodoc_typehints = "none"
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
numpydoc_show_class_members = False

html_theme = "furo"
html_title = "forcest"
html_static_path = ["_static"]
html_css_files = ["forcest.css"]
html_math_renderer = "mathml"
html_show_sphinx = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True, "top_of_page_buttons": []}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
pygments_style = "tango"


def short_signature(app, what, name, obj, options, signature, returned):
    """Shorten the signature of a class with declared fields to the names; the docstring describes the defaults."""
    if what != "class" or not inspect.isclass(obj):
        return None
    if obj.__name__ == "Waves":
        return "(**waves)", None
    named = getattr(obj, "model_fields", None) or getattr(obj, "__dataclass_fields__", None)
    return (f"({', '.join(name for name in named if name != 'kind')})", None) if named else None


PAGES_OF_ROOT = {"architecture": "ARCHITECTURE.md", "contributing": "CONTRIBUTING.md", "changelog": "CHANGELOG.md"}


def page_of_root(app, docname, source):
    """Replace the source of a page by the file at the top of the repository, with its links pointing to pages of the site."""
    if docname in PAGES_OF_ROOT:
        text = (HERE.parent / PAGES_OF_ROOT[docname]).read_text(encoding="utf-8").replace("](docs/", "](")
        pages = {file: f"{page}.md" for page, file in PAGES_OF_ROOT.items()}
        source[0] = re.sub(r"\]\(([A-Z]+\.md)", lambda link: f"]({pages.get(link[1], link[1])}", text)


def setup(app):
    """Register the handlers above."""
    app.connect("source-read", page_of_root)
    app.connect("autodoc-process-signature", short_signature)

"""Render formulas as MathML. Browsers display it without loading or running anything, and screen readers can read it."""

from __future__ import annotations

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

logger = logging.getLogger(__name__)


def mathml(node, *, as_block: bool) -> str:
    """Convert the formula of a node; one that cannot be converted causes a warning, which fails the build."""
    try:
        return tex2mathml(node.astext(), as_block=as_block)
    except MathError as error:
        logger.warning("formula %r cannot be written as MathML: %s", node.astext(), error, location=node)
        return ""


def inline(translator, node):
    """Write an inline formula."""
    translator.body.append(mathml(node, as_block=False))
    raise nodes.SkipNode


def block(translator, node):
    """Write a displayed formula, with the anchor that references point to."""
    translator.body += [translator.starttag(node, "div", CLASS="math"), mathml(node, as_block=True), "</div>\n"]
    raise nodes.SkipNode


def setup(app):
    """Register the renderer with Sphinx."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

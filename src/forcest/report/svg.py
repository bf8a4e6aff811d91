"""Figures as inline SVG that follow the page from light to dark.

Every colour of a figure becomes a CSS variable. On a dark page it is the colour of the same hue with its lightness turned over, so that
what was dark on white is light on black, and one drawing serves screen and print.
"""

from __future__ import annotations

import colorsys
import io
import re
from html import escape

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")
DARKEST, LIGHTEST = 0.09, 0.95


def inline(figure: Figure, name: str, alt: str) -> tuple[str, dict[str, str]]:
    """A figure as SVG text, and the colours it uses.

    Parameters
    ----------
    figure : Figure
        Closed afterwards.
    name : str
        Distinguishes the ids of this figure from those of others on the page.
    alt : str
        What a reader who does not see it must know.

    Returns
    -------
    svg : str
    colours : dict of str to str
        Colour on a light page to colour on a dark page.
    """
    out = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "path"}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, facecolor="#ffffff")
    plt.close(figure)
    text = re.sub(r"<metadata>.*?</metadata>", "", out.getvalue()[out.getvalue().index("<svg") :], flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(href="|url\()#', rf"\1#{name}-", text)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1), count=1)
    colours = sorted({match.lower() for match in COLOUR.findall(text)})
    text = COLOUR.sub(lambda match: f"var(--{match.group().lower()[1:]})", _as_style(text))
    label = f'<svg role="img" aria-label="{escape(alt, quote=True)}"'
    return text.replace("<svg", label, 1), {colour: turned(colour) for colour in colours}


def _as_style(text: str) -> str:
    """Colours that stand in attributes, where variables do not work, moved into styles."""
    return re.sub(r'\b(fill|stroke)="(#[0-9a-fA-F]{6})"', r'style="\1: \2"', text)


def turned(colour: str) -> str:
    """The colour of the same hue with its lightness turned over."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)))
    dark = DARKEST + (LIGHTEST - DARKEST) * (1 - lightness)
    red, green, blue = colorsys.hls_to_rgb(hue, dark, min(saturation, 0.6))
    return f"#{round(255 * red):02x}{round(255 * green):02x}{round(255 * blue):02x}"

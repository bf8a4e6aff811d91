"""Figures of a fit, one per file; each takes the fit, draws on the axes it is given and returns them."""

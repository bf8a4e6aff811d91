"""Base of terms of the latent process with one formula for graphs and arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forcest.models.parameters.numeric import NUMERIC
from forcest.models.parameters.tensors import symbolic


class Term:
    """A term with one formula, for graphs and for arrays of draws."""

    def formula(self, xp: Any, p: Mapping[str, Any]) -> Any:
        """The quantities of the term.

        Parameters
        ----------
        xp : module
            The symbolic library, or the numeric one; see :mod:`forcest.models.parameters.numeric`.
        p : mapping of str to TensorVariable or ndarray
            Parameters, for arrays with the draw axis first.
        """
        raise NotImplementedError

    def graph(self, p: Mapping[str, Any]) -> Any:
        """The quantities of one draw, as graphs."""
        return self.formula(symbolic(), p)

    def forward(self, p: Mapping[str, Any]) -> Any:
        """The quantities of arrays of draws, draw axis first."""
        return self.formula(NUMERIC, p)

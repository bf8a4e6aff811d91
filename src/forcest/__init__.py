"""Deployment and attrition curves of a force, inferred from contradictory public claims.

``import forcest as fc`` gives every public name; each subpackage is loaded when one of its names is first used, so that
importing forcest costs milliseconds and compiles nothing. The names are listed in ``__init__.pyi``.
"""

from importlib.metadata import version as _version

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
__version__ = _version("forcest")

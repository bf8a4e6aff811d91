# The public names. This file is read at run time (lazy_loader): a name listed here is a name of `forcest`.
from . import errors as errors

__version__: str

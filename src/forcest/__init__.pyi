# The public names. This file is read at run time (lazy_loader): a name listed here is a name of `forcest`.
from . import errors as errors
from . import estimates as estimates
from . import plots as plots
from .estimates import anchors as anchors
from .estimates import claims_table as claims_table
from .estimates import probability as probability
from .estimates import summary as summary

__version__: str

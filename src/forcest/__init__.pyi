# The public names. This file is read at run time (lazy_loader): a name listed here is a name of `forcest`.
from . import datasets as datasets
from . import errors as errors
from . import estimates as estimates
from . import plots as plots
from . import sampling as sampling
from .estimates import anchors as anchors
from .estimates import claims_table as claims_table
from .estimates import probability as probability
from .estimates import summary as summary
from .ledger import Ledger as Ledger
from .ledger import read_ledger as read_ledger

__version__: str

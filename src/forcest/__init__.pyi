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
from .inference import CompiledModel as CompiledModel
from .inference import Diagnosis as Diagnosis
from .inference import compile_model as compile_model
from .inference import diagnose as diagnose
from .inference import fit as fit
from .inference import load as load
from .inference import sample as sample
from .ledger import Ledger as Ledger
from .ledger import read_ledger as read_ledger
from .models import AR1 as AR1
from .models import Attrition as Attrition
from .models import CasualtyMix as CasualtyMix
from .models import Covariate as Covariate
from .models import Delay as Delay
from .models import ForceModel as ForceModel
from .models import PartnerForce as PartnerForce
from .models import Recovery as Recovery
from .models import Reporting as Reporting
from .models import SmoothArrivals as SmoothArrivals
from .models import Wave as Wave
from .models import Waves as Waves
from .models import Withdrawal as Withdrawal
from .models import between as between
from .models import lognormal as lognormal
from .models import normal as normal
from .models import presets as presets

__version__: str

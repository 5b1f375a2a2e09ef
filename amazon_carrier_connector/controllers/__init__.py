from . import amazon_consent
from . import export
from . import myparcel_hook

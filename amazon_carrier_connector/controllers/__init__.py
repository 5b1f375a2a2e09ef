from . import amazon_consent
from . import myparcel_hook

from . import amazon_consent

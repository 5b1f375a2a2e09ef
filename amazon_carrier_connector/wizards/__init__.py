from . import amazon_order_import_wizard

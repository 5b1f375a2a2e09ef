from . import amazon_consent_wizard
from . import amazon_order_fetch_wizard
from . import amazon_order_import_wizard
from . import amazon_shop_import_wizard
from . import delivery_day_list
from . import delivery_parcel_decision
from . import gls_parcel_shop_wizard
from . import stock_return_picking_line

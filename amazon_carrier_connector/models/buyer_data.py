"""Where buyers' data is kept, and what is done with it when its time is over.

Read by ``amazon.order``'s erasure; the tests hold it against every field that could
hold such data, so that a new one needs a decision.
"""

# Found from the orders step by step: a model, and the field of it that leads to one
# that was found before. ``stock.picking`` and ``res.partner`` are found by code.
LINKS = (
    ("delivery.parcel", "picking_id", "stock.picking"),
    ("delivery.parcel.return", "parcel_id", "delivery.parcel"),
    ("delivery.label.run", "parcel_ids", "delivery.parcel"),
    ("gls.pickup", "delivery_address_id", "res.partner"),
)
# The same of records that are attached to any of those: model, model field, id field.
ATTACHED = (
    ("mail.message", "model", "res_id"),
    ("mail.activity", "res_model", "res_id"),
    ("mail.scheduled.message", "model", "res_id"),
    ("ir.attachment", "res_model", "res_id"),
)
# And of what belongs to the messages.
OF_MESSAGES = (
    ("mail.mail", "mail_message_id"),
    ("mail.notification", "mail_message_id"),
    ("mail.message.translation", "message_id"),
    ("mail.tracking.value", "mail_message_id"),
    ("sms.sms", "mail_message_id"),
)
# Deleted as a whole.
DELETED = (
    "ir.attachment",
    "mail.message.translation",
    "mail.scheduled.message",
    "mail.tracking.value",
    "sms.sms",
)
# Made empty. Computed fields follow what they are computed from.
CLEARED = {
    "amazon.order": (
        "address_source",
        "cancel_reason",
        "dispute_reason",
        "recipient_additional",
        "recipient_box",
        "recipient_company",
        "recipient_email",
        "recipient_number",
        "recipient_phone",
        "recipient_street_name",
        "recipient_suffix",
    ),
    "res.partner": (
        # Those that people made; the others are archived from the first.
        "active",
        "barcode",
        "city",
        "comment",
        "commercial_company_name",
        "company_name",
        "company_registry",
        "complete_name",
        "email",
        "email_normalized",
        "function",
        "image_1920",
        "image_1024",
        "image_512",
        "image_256",
        "image_128",
        "partner_latitude",
        "partner_longitude",
        "phone",
        "phone_sanitized",
        "properties",
        "ref",
        "state_id",
        "street",
        "street2",
        "vat",
        "website",
        "zip",
        # Of modules that the addon does not need.
        "global_location_number",
        "peppol_endpoint",
        "picking_warn_msg",
        "sale_warn_msg",
    ),
    "stock.picking": (
        "note",
        "parcel_shop_address",
        "parcel_shop_name",
        "parcel_shop_ref",
        "picking_properties",
        "signature",
    ),
    "delivery.parcel": (
        # Of the address; and the carrier's page asks for the postal code with it.
        "announced_digest",
        "tracking_url",
        "error",
        "label_attachment_id",
        "warning",
    ),
    "delivery.parcel.return": ("label_attachment_id", "tracking_url"),
    "delivery.label.run": (
        "attachment_id",
        "document_digest",
        "document_note",
        "error",
    ),
    "gls.pickup": ("error",),
    "mail.activity": ("feedback", "note", "summary"),
    "mail.mail": (
        "body_html",
        "email_cc",
        "email_to",
        "failure_reason",
        "headers",
        "references",
    ),
    "mail.message": (
        "body",
        "email_from",
        "incoming_email_cc",
        "incoming_email_to",
        "outgoing_email_to",
        "reply_to",
        "subject",
    ),
    "mail.notification": ("failure_reason", "mail_email_address", "sms_number"),
}
# Rows that may quote what a report or a carrier wrote; nobody needs them any longer
# than the data itself.
AGED = ("amazon.order.import.problem", "myparcel.hook")

_IDS = "Amazon's or the carrier's own number"
_CONFIG = "entered by the merchant about the merchant"
_GOODS = "about the goods"
_OURS = "our own sentence: names orders, rows and counts"
_EMPTY = "the contact itself is made empty"
_POINTER = "names a record, a template or a message"
# Text that is not about buyers, and why.
HARMLESS = {
    "amazon.audit.event": {"res_model": _OURS, "note": _OURS, "res_ids": _IDS},
    "amazon.carrier.code": dict.fromkeys(("aliases", "code", "name", "note"), _CONFIG),
    "amazon.carrier.mapping": dict.fromkeys(
        ("carrier_code", "carrier_name", "shipping_method"), _CONFIG
    ),
    "amazon.confirmation.file": {
        "file": "order ids and tracking numbers",
        "filename": _OURS,
    },
    "amazon.listing": {"sku": _GOODS, "title": _GOODS},
    "amazon.market": dict.fromkeys(
        (
            "code",
            "currency",
            "domain",
            "marketplace_ref",
            "name",
            "seller_central_host",
        ),
        "reference data",
    ),
    "amazon.order": {
        "name": "the order id stays",
        "partner_id": _EMPTY,
        "service_level": "Amazon's name of a service",
    },
    "amazon.order.import": {
        "attachment_ids": "deleted when their time is over, or one of their orders'",
        "encoding": "of the file",
        "error": _OURS,
        "warning": _OURS,
    },
    "amazon.order.import.line": {"changes": _OURS, "name": "the order id stays"},
    "amazon.order.item": {"item_ref": _IDS, "sku": _GOODS, "title": _GOODS},
    "amazon.push.drain": {"error": _OURS},
    "amazon.shipment.confirmation": {
        "carrier_code": _CONFIG,
        "carrier_name": _CONFIG,
        "error": "Amazon is asked without the buyer's data and names none",
        "request_id": _IDS,
        "tracking_number": _IDS,
    },
    "amazon.shipping.rule": dict.fromkeys(
        ("name", "service_levels", "skus", "zip_prefixes"), _CONFIG
    ),
    "amazon.shop": dict.fromkeys(
        (
            "customs_hs_code",
            "customs_uk_vat",
            "customs_voec",
            "label_text",
            "name",
            "refresh_token",
            "selling_partner_id",
            "store_names",
        ),
        _CONFIG,
    ),
    "amazon.shop.feed": {
        "error": _OURS,
        "pagination_token": _IDS,
        "report_ref": _IDS,
        "reread_ids": _IDS,
    },
    "delivery.carrier": {
        "gls_sender_id": "where goods are fetched",
        "label_text": _CONFIG,
        "myparcel_api_key": _CONFIG,
        "myparcel_hook_hash": _CONFIG,
        "myparcel_hook_ref": _IDS,
    },
    "delivery.carrier.failure": {"reason": "of an account, or with parcel numbers"},
    "delivery.parcel": dict.fromkeys(
        ("reference", "remote_ref", "tracking_number"), _IDS
    ),
    "delivery.parcel.concept": dict.fromkeys(("reference", "remote_ref"), _IDS),
    "delivery.parcel.return": dict.fromkeys(
        ("reference", "remote_ref", "tracking_number"), _IDS
    ),
    "gls.account": dict.fromkeys(("password", "subscription_key", "username"), _CONFIG),
    "gls.customer": {"name": _CONFIG, "number": _CONFIG},
    "mail.activity": {
        "attachment_ids": "deleted with the record they belong to",
        "res_model": _POINTER,
        "res_name": "the number of the delivery or order",
    },
    "mail.mail": {"recipient_ids": _EMPTY},
    "mail.message": {
        "attachment_ids": "deleted with the record they belong to",
        "author_id": _EMPTY,
        "email_layout_xmlid": _POINTER,
        "message_id": _POINTER,
        "model": _POINTER,
        "notified_partner_ids": _EMPTY,
        "partner_ids": _EMPTY,
        "starred_partner_ids": _EMPTY,
    },
    "mail.notification": {"author_id": _EMPTY, "res_partner_id": _EMPTY},
    "product.category": {"customs_hs_code": _GOODS},
    "res.company": dict.fromkeys(
        (
            "amazon_application_id",
            "amazon_client_id",
            "amazon_client_secret",
            "customs_eori",
            "customs_uk_vat",
            "customs_voec",
            "myparcel_api_key",
            "myparcel_hook_ref",
            "myparcel_hook_hash",
        ),
        _CONFIG,
    ),
    "res.partner": {
        "commercial_partner_id": _EMPTY,
        "invoice_edi_format_store": "a choice",
        "name": "becomes the same for all",
        "signup_type": "a choice",
        "parent_id": "a contact with a parent is the merchant's own",
    },
    "stock.move": {
        "description_picking_manual": _GOODS,
        "inventory_name": _GOODS,
        "next_serial": _GOODS,
        "origin": "the order id stays",
        "partner_id": _EMPTY,
        "reference": "the number of the delivery stays",
        "restrict_partner_id": "owner of the goods",
    },
    "stock.picking": {
        "amazon_choice": "names of delivery methods, parcel types and rules",
        "amazon_sku": _GOODS,
        "carrier_tracking_ref": "the number stays",
        "name": "the number of the delivery stays",
        "origin": "the order id stays",
        "owner_id": "owner of the goods",
        "partner_id": _EMPTY,
    },
    "gls.pickup": {
        "address_id": "where goods are fetched",
        "delivery_address_id": _EMPTY,
        "order_refs": _IDS,
        "reference": _OURS,
    },
}

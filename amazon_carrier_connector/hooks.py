"""Leave nothing behind that keeps the addon from being uninstalled cleanly."""

MODULE = "amazon_carrier_connector"
# External ids that stay, archived, where records of other addons hold the first.
KEPT = (
    (
        "stock.move",
        "product_id",
        ("product_placeholder", "product_placeholder_product_template"),
    ),
    (
        "stock.picking",
        "carrier_id",
        (
            "delivery_carrier_myparcel_postnl",
            "product_delivery_myparcel_postnl",
            "product_delivery_myparcel_postnl_product_template",
        ),
    ),
)


def uninstall_hook(env):
    """Spare Odoo the deletion of what other records need.

    The markets go with their table. The placeholder product stays in the deliveries
    that hold it, and so does the delivery method they were shipped with.
    """
    ours = env["ir.model.data"].search([("module", "=", MODULE)])
    spared = ours.filtered(lambda data: data.model == "amazon.market")
    for model, field_name, names in KEPT:
        first = env.ref(f"{MODULE}.{names[0]}", raise_if_not_found=False)
        if first and env[model].search_count([(field_name, "=", first.id)], limit=1):
            first.active = False
            spared |= ours.filtered(lambda data, names=names: data.name in names)
    spared.unlink()

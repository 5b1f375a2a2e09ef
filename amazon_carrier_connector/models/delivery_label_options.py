from lxml.builder import E

from odoo import api, fields, models

from ..carriers.label_options import OPTIONS
from ..carriers.myparcel_services import option_carriers

YES_NO = [("yes", "Yes"), ("no", "No")]
DELIVERY_TYPES = [
    ("standard", "Standard"),
    ("morning", "Morning"),
    ("evening", "Evening"),
    ("same_day", "Same Day"),
    ("express", "Express"),
    ("early_morning", "Early Morning"),
]
# In euros: the steps that MyParcel's carriers insure.
INSURED = (50, 100, 250, *range(500, 5001, 500))
EXPRESS = [
    ("none", "No"),
    ("t9", "Before 9:00"),
    ("t10", "Before 10:00"),
    ("t12", "Before 12:00"),
    ("t17", "Before 17:00"),
    ("s9", "Saturday before 9:00"),
    ("s10", "Saturday before 10:00"),
    ("s12", "Saturday before 12:00"),
    ("s17", "Saturday before 17:00"),
]


def option(string, selection=None, **options):
    """Yes, no, or (empty) as inherited; an option with more values lists them."""
    return fields.Selection(selection or YES_NO, string=string, **options)


class DeliveryLabelOptions(models.AbstractModel):
    """What a label is asked for, on whatever may say it.

    A delivery goes before the shipping rule, and that before the delivery method. The
    form shows those of the provider in its group ``label_options``, or in the groups
    of that one by turns.
    """

    _name = "delivery.label.options"
    _description = "Label Options"

    label_delivery_type = option(
        "Time of Delivery",
        DELIVERY_TYPES,
        help="In the morning or evening: of the next day on which the carrier delivers"
        " then.",
    )
    label_signature = option("Signature at the Door")
    label_only_recipient = option(
        "Only Recipient", help="It is not handed over at another address."
    )
    label_insurance = option(
        "Insurance", [("0", "No"), *((str(sum_), f"€ {sum_}") for sum_ in INSURED)]
    )
    label_age_check = option("Age Check", help="The recipient must be 18 or older.")
    label_receipt_code = option(
        "Receipt Code", help="The recipient shows a code that is sent by e-mail."
    )
    label_return_undelivered = option(
        "Return Undelivered", help="Back to the sender when nobody is at home."
    )
    label_large_format = option("Large Format")
    label_priority_delivery = option(
        "Priority Delivery", help="Mailbox parcels within a day."
    )
    label_same_day_delivery = option("Same-Day Delivery")
    label_saturday_delivery = option("Saturday Delivery")
    label_tracked = option("Tracked", help="Mailbox and small parcels abroad.")
    label_hide_sender = option("Hide Sender")
    label_extra_assurance = option("Extra Assurance")
    label_express = option("Express", EXPRESS)
    label_notification = option(
        "Mail to the Recipient",
        help="GLS mails the recipient, who may choose another day or place"
        " (FlexDelivery).",
    )
    label_parcel_shop = option(
        "Parcel Shop Delivery",
        help="The recipient gets it there. The shop is chosen on each delivery.",
    )
    label_return_label = option(
        "Return Label in the Parcel", help="Only within the Netherlands."
    )
    label_letter_box = option("Letter Box Parcel")
    label_economy = option("Economy Parcel")

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            for group in arch.iterfind(".//group[@name='label_options']"):
                columns = group.findall("group") or [group]
                for place, known in enumerate(OPTIONS):
                    columns[place % len(columns)].append(
                        E.field(
                            name=f"label_{known.name}",
                            invisible=self._get_label_option_invisible(known),
                            **self._get_label_option_attributes(known),
                        )
                    )
        return arch, view

    @api.model
    def _get_label_option_invisible(self, known):
        """
        :return: when a form does not show an option, as an expression; the model has
            ``delivery_type`` and ``myparcel_carrier``
        """
        expression = f"delivery_type not in {sorted(known.keys)}"
        if key := known.keys.get("myparcel_nl"):
            carriers = sorted(map(str, option_carriers(key)))
            expression += (
                " or (delivery_type == 'myparcel_nl'"
                f" and myparcel_carrier not in {carriers})"
            )
        return expression

    @api.model
    def _get_label_option_attributes(self, known):
        """
        :param known: ``carriers.label_options.LabelOption``
        :return: what its field in the form has besides
        :rtype: dict[str, str]
        """
        return {}

    def _get_own_label_options(self):
        """The texts that are chosen on one record, or on none, by option name.

        :rtype: dict[str, str]
        """
        return {
            known.name: value
            for known in OPTIONS
            if (value := self[f"label_{known.name}"])
        }

    @api.model
    def _describe_label_option(self, name, value):
        """Name and value of an option as people read them.

        :rtype: tuple[str, str]
        """
        field = self._fields[f"label_{name}"]
        words = dict(field._description_selection(self.env))
        return field._description_string(self.env), words.get(value, value)

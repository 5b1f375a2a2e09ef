"""Sentences for what carriers and their clients report as data."""

from odoo.exceptions import UserError

from ..carriers import errors
from ..carriers.label_options import OPTIONS
from .customs_messages import describe_customs_field, describe_customs_problem

# Seconds, where a carrier that was asked too much does not say how long to wait.
USUAL_REST = 300

# Codes of our own check; a carrier's code comes with the carrier's own sentence.


def describe_problems(env, problems):
    """
    :param problems: ``carriers.errors.Problem`` dataclasses
    :return: one sentence each: the field, what is wrong and what to do
    :rtype: list[str]
    """
    return [_describe_problem(env, problem) for problem in problems]


def _describe_problem(env, problem):
    if customs := describe_customs_problem(env, problem):
        return customs
    name = _describe_field(env, problem.field)
    sentence = _own_sentences(env, name, problem.limit).get(problem.code)
    if sentence and problem.proposal:
        return env._(
            "%(sentence)s For example: %(proposal)s",
            sentence=sentence,
            proposal=problem.proposal,
        )
    if sentence:
        return sentence
    return env._(
        "%(field)s: the carrier says: %(message)s (code %(code)s)",
        field=name or env._("Parcel"),
        message=problem.message or env._("refused"),
        code=problem.code or "-",
    )


def _describe_field(env, field):
    owner, __, part = field.partition(".")
    if owner == "customs":
        return describe_customs_field(env, field)
    names = _field_names(env)
    if owner in ("sender", "requester") and part:
        return env._(
            "%(owner)s: %(field)s",
            owner=names[owner],
            field=names.get(f"recipient.{part}", part),
        )
    return names.get(field, field)


def _own_sentences(env, name, limit):
    return {
        "required": env._("%s is missing: fill it in.", name),
        "too_long": env._(
            "%(field)s is longer than the %(limit)s characters the carrier allows:"
            " shorten it.",
            field=name,
            limit=limit,
        ),
        "too_small": env._("%(field)s is below %(limit)s.", field=name, limit=limit),
        "too_heavy": env._(
            "The parcel is heavier than the %s g that its type allows: choose another"
            " parcel type or split the delivery.",
            limit,
        ),
        "invalid": env._("%s is not valid: correct it.", name),
        "not_allowed": env._(
            "%s is not possible for this carrier and destination: choose another"
            " delivery method.",
            name,
        ),
        "unavailable": env._(
            "%s cannot be had with this carrier, parcel type and destination: switch it"
            " off, or choose another delivery method.",
            name,
        ),
        "not_offered": env._(
            "%s cannot have this amount with this carrier and destination: choose"
            " another one.",
            name,
        ),
        "forced": env._(
            "%s belongs to every parcel of this carrier there: do not switch it off.",
            name,
        ),
        "excluded": env._(
            "%s cannot go together with the other label options: switch it off.", name
        ),
        "uncertain": env._(
            "%s was found in the address by guessing: compare it under Uncertain"
            " Addresses, correct it or confirm it.",
            name,
        ),
        "outside_eu": env._(
            "GLS takes parcels to places outside the customs area of the EU only with"
            " customs data that cannot be sent from here."
        ),
        "no_parcel_shop": env._(
            "No parcel shop is chosen: press Choose Parcel Shop on the delivery."
        ),
        "with_others": env._(
            "The labels of a delivery are made together, and another one was refused:"
            " mend that one and create the labels again."
        ),
        "bad_character": env._(
            "%s holds a character that cannot be printed: remove it.", name
        ),
    }


def _field_names(env):
    return {
        "recipient.name": env._("Name"),
        "recipient.company": env._("Company"),
        "recipient.street": env._("Street"),
        "recipient.number": env._("House number"),
        "recipient.number_suffix": env._("Addition to the house number"),
        "recipient.box_number": env._("Box number"),
        "recipient.street_additional": env._("Additional address line"),
        "recipient.postal_code": env._("Postal code"),
        "recipient.city": env._("City"),
        "recipient.region": env._("Region"),
        "recipient.country_code": env._("Country"),
        "recipient.phone": env._("Phone"),
        "recipient.email": env._("E-mail"),
        "weight_grams": env._("Weight"),
        "package_type": env._("Parcel type"),
        "label_description": env._("Text on the label"),
        "carrier_id": env._("Carrier"),
        "reference": env._("Reference"),
        "order_ref": env._("Order reference"),
        "shipping_date": env._("Shipping date"),
        "customer_no": env._("Customer number"),
        "unit_no": env._("Parcel number"),
        "username": env._("User name"),
        "password": env._("Password"),
        "sender": env._("Pick-up address"),
        "requester": env._("Requester"),
        "options.shopDeliveryParcelShopId": env._("Parcel shop"),
        "notification.sender_name": env._("Sender's name in the mail"),
        "notification.reply_address": env._("Reply address of the mail"),
        "notification.subject": env._("Subject of the mail"),
        **_option_names(env),
    }


def _option_names(env):
    """The names of label options by their names in a request."""
    fields = env["delivery.label.options"]._fields
    return {
        f"options.{key}": fields[f"label_{option.name}"]._description_string(env)
        for option in OPTIONS
        for key in option.keys.values()
    }


def as_user_error(env, error):
    """What a person is told of an error that concerns the account as a whole.

    Its ``retry_after`` is in seconds, None where only a person can help.
    """
    user_error = UserError(describe_carrier_error(env, error))
    is_busy = isinstance(error, errors.Throttled)
    user_error.retry_after = (error.retry_after or USUAL_REST) if is_busy else None
    return user_error


def describe_carrier_error(env, error):
    """A sentence for an error that concerns the account as a whole.

    :param error: ``CarrierError``, or a ``UserError`` that is a sentence already
    """
    if not isinstance(error, errors.CarrierError):
        return str(error)
    if isinstance(error, errors.PaymentRequired):
        return env._(
            "The carrier wants to be paid before it makes labels. Pay at %s and start"
            " again.",
            error.url or env._("the carrier's portal"),
        )
    if isinstance(error, errors.Throttled):
        return env._(
            "The carrier was asked too much at once. Start again in %s seconds.",
            round(error.retry_after or USUAL_REST),
        )
    if isinstance(error, errors.Refused):
        return "\n".join(describe_problems(env, error.problems))
    return {
        errors.Unauthorized: env._(
            "The carrier does not accept the login or API key. Enter a valid one in"
            " the settings and start again."
        ),
        errors.Unavailable: env._(
            "The carrier cannot be reached; no label was made. Start again later."
        ),
    }.get(
        type(error),
        env._("The carrier did not answer clearly. Check the unclear parcels."),
    )


def describe_standing_error(env, error):
    """A sentence for what keeps an account's parcels waiting, after their labels.

    :param error: ``CarrierError``, a ``UserError`` that is a sentence, or a fault
    """
    if isinstance(error, (UserError, errors.Refused)):
        return describe_carrier_error(env, error)
    if isinstance(error, errors.PaymentRequired):
        return env._(
            "The carrier wants to be paid first: pay at %s.",
            error.url or env._("the carrier's portal"),
        )
    return {
        errors.Unauthorized: env._(
            "The carrier does not accept the login or API key. Enter a valid one, or"
            " have the carrier switch on for it what it lacks."
        ),
        errors.Unavailable: env._("The carrier cannot be reached."),
        errors.Throttled: env._("The carrier says that it is asked too much."),
        errors.Unclear: env._("The carrier gives no usable answer."),
    }.get(
        type(error),
        env._("It fails. The reason is in Odoo's log: ask an administrator."),
    )

"""Sentences for what keeps a customs declaration from being complete."""


def describe_customs_problem(env, problem):
    """
    :param problem: ``carriers.errors.Problem`` of our own check
    :return: what is missing, of which product, and what to do; None when it is not
        about customs
    """
    owner, __, part = problem.field.partition(".")
    if owner != "customs":
        return None
    product = problem.subject
    return {
        ("hs_code", "required"): env._(
            "Customs: the HS code of %s is missing. Enter it on the product, its"
            " category or the shop.",
            product,
        ),
        ("hs_code", "invalid"): env._(
            "Customs: the HS code of %s has not the digits that this carrier and"
            " country ask for: enter 8 or 10, for the United States 10.",
            product,
        ),
        ("origin", "required"): env._(
            "Customs: the country of origin of %s is missing. Enter it on the product,"
            " its category or the shop.",
            product,
        ),
        ("description", "required"): env._(
            "Customs: the description of %s is missing. Enter the product's name.",
            product,
        ),
        ("value", "required"): env._(
            "Customs: the value of %s is not known. Amazon told no price: enter the"
            " sales price on the product.",
            product,
        ),
        ("rate", "required"): env._(
            "Customs: there is no exchange rate for %s. Enter one with the currencies.",
            product,
        ),
        ("total", "too_small"): env._(
            "Customs: the contents of the parcel are worth less than %s euro. Correct"
            " the sales prices of the products.",
            problem.limit,
        ),
        ("weight", "too_heavy"): env._(
            "Customs: %(product)s weighs more than the %(limit)s g that one line"
            " allows. Ship it in several packages.",
            product=product,
            limit=problem.limit,
        ),
        ("quantity", "too_many"): env._(
            "Customs: there are more than %(limit)s pieces of %(product)s. Ship them in"
            " several packages.",
            product=product,
            limit=problem.limit,
        ),
        ("items", "too_many"): env._(
            "Customs: the declaration has room for %s different products. Ship them in"
            " several packages.",
            problem.limit,
        ),
        ("items", "required"): env._(
            "Customs: nothing is in the parcel. Add the products to the delivery."
        ),
        ("eori", "required"): env._(
            "Customs: this carrier needs the company's EORI number. Enter it in"
            " Settings > Inventory > Amazon Carrier Connector."
        ),
        ("vat", "required"): env._(
            "Customs: this carrier needs the company's VAT number. Enter it on the"
            " company."
        ),
    }.get((part, problem.code))


def describe_customs_field(env, field):
    """The name of a field that MyParcel itself refuses ("customs.items.0.weight").

    :rtype: str
    """
    names = {
        "invoice": env._("invoice number"),
        "weight": env._("weight"),
        "items": env._("products"),
        "description": env._("description"),
        "amount": env._("pieces"),
        "item_value": env._("value"),
        "classification": env._("HS code"),
        "country": env._("country of origin"),
        "eori_number": env._("EORI number"),
        "vat_number": env._("VAT number"),
        "vat_number_uk": env._("UK VAT number"),
        "voec_number": env._("VOEC number"),
    }
    __, *parts = field.split(".")
    words = [names.get(part, part) for part in parts if not part.isdigit()]
    if parts[:1] == ["items"] and len(parts) > 2:
        return env._(
            "Customs, product %(number)s: %(field)s",
            number=int(parts[1]) + 1,
            field=words[1],
        )
    return env._("Customs: %s", words[0]) if words else env._("Customs declaration")

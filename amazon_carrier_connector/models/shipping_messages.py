"""Sentences for how a delivery is shipped, and why."""


def describe_choice(picking, choice):
    """
    :param dict choice: ``amazon_choice`` of the delivery
    :return: who chose how it is shipped, and why, in words
    """
    env = picking.env
    sentences = [_describe_rule(picking, choice)]
    if picking.amazon_chosen_by_hand:
        carrier = env["delivery.carrier"].browse(choice["carrier_id"]).exists()
        sentences.insert(0, env._("Chosen by hand."))
        if carrier:
            sentences.append(env._("It would go with %s.", carrier.name))
    elif choice["refused_id"]:
        refused = env["delivery.carrier"].browse(choice["refused_id"]).exists()
        sentences.append(
            env._(
                "%s does not accept it: see the countries, weight and tags of that"
                " delivery method. Choose another one.",
                refused.name or env._("The delivery method"),
            )
        )
    else:
        sentences.append(_level_sentences(env)[choice["level"]])
    return " ".join(filter(None, sentences))


def _level_sentences(env):
    return {
        "rule": "",
        "shop": env._("The shop's delivery method is taken."),
        "company": env._("The company's delivery method is taken."),
        "": env._(
            "Neither the shop nor the company has a delivery method: choose one."
        ),
    }


def _describe_rule(picking, choice):
    env = picking.env
    if not choice["applies_rules"]:
        return env._("The shop applies no shipping rules.")
    if not choice["rule"]:
        return env._("No shipping rule fits.")
    if not choice["reasons"]:
        return env._("Shipping rule “%s” is for every order.", choice["rule"])
    return env._(
        "Shipping rule “%(rule)s” fits: %(reasons)s.",
        rule=choice["rule"],
        reasons="; ".join(
            _describe_reason(picking, name, value) for name, value in choice["reasons"]
        ),
    )


def _describe_reason(picking, name, value):
    env = picking.env
    if name in ("weight", "quantity"):
        return _describe_range(env, name, *value)
    words = {
        "country": lambda: env._(
            "country %s", env["res.country"].browse(value).exists().name
        ),
        "postal_code": lambda: env._("postal code begins with %s", value[0]),
        "sku": lambda: env._("SKU %s", ", ".join(value)),
        "tag": lambda: env._(
            "product tag %s",
            ", ".join(env["product.tag"].browse(value).exists().mapped("name")),
        ),
        "shop": lambda: env._("shop %s", picking.amazon_shop_id.name),
        "market": lambda: env._("market %s", picking.amazon_market_id.name),
        "service_level": lambda: env._(
            "service level %s", picking.amazon_order_ids[:1].service_level
        ),
        "prime": lambda: env._("Prime") if value[0] else env._("not Prime"),
        "business": lambda: env._("business") if value[0] else env._("not business"),
    }
    return words[name]()


def _describe_range(env, name, least, most):
    subject = env._("weight (kg)") if name == "weight" else env._("pieces")
    if not most:
        return env._("%(what)s from %(least)s", what=subject, least=f"{least:g}")
    if not least:
        return env._("%(what)s up to %(most)s", what=subject, most=f"{most:g}")
    return env._(
        "%(what)s from %(least)s to %(most)s",
        what=subject,
        least=f"{least:g}",
        most=f"{most:g}",
    )

"""Sentences for what the reader of the report found, from its codes."""


def describe_refusal(env, refusal, filename):
    """Why a file is not read, and what to do instead.

    :param refusal: ``amazon.errors.ReportRefused``
    """
    reasons = {
        "empty": env._("the file is empty. Download the report again."),
        "header_only": env._("there is nothing to ship: the report has no orders."),
        "new_orders": env._(
            "this is the New Orders report. It also lists orders that are shipped or"
            " cancelled. Download the Unshipped Orders report, or tick Accept New"
            " Orders Reports."
        ),
        "all_orders": env._(
            "this is the All Orders report, which has no addresses. Download the"
            " Unshipped Orders report."
        ),
        "xml": env._(
            "this is an XML report. Download the Unshipped Orders report as .txt."
        ),
        "inventory": env._(
            "this is an inventory report. Download the Unshipped Orders report from"
            " Orders > Order Reports."
        ),
        "csv": env._(
            "it was saved again by another program, with other separators. Upload the"
            " file as Amazon made it."
        ),
        "spreadsheet": env._(
            "this is a spreadsheet. Upload the .txt file as Amazon made it."
        ),
        "spreadsheet_damaged": env._(
            "a spreadsheet program has changed its order item ids. Download the report"
            " again and upload it without opening it."
        ),
        "html": env._(
            "this is a web page, often that of a login. Sign in to Seller Central and"
            " download the report again."
        ),
        "archive": env._(
            "the archive is damaged, protected or does not hold exactly one file."
            " Upload the .txt file itself."
        ),
        "missing_columns": env._(
            "columns are missing: %s. Download the Unshipped Orders report again.",
            refusal.detail,
        ),
        "not_a_report": env._(
            "this is not an Unshipped Orders report. Make it in Seller Central under"
            " Orders > Order Reports > Unshipped Orders."
        ),
        "too_large": env._("the file is too large. Request a shorter report."),
    }
    return env._(
        "%(file)s cannot be imported: %(reason)s",
        file=filename or env._("The file"),
        reason=reasons[refusal.code],
    )


def describe_problem(env, problem):
    """What is wrong with a row and what became of its order.

    :param problem: ``amazon.unshipped_report.Problem``
    """
    reasons = {
        "cell_count": env._(
            "The row has more or fewer cells than the header: the file was cut off or"
            " edited. Download the report again."
        ),
        "missing": env._("%s is empty.", problem.column),
        "unreadable": env._(
            "%(column)s cannot be read: %(value)s.",
            column=problem.column,
            value=problem.value,
        ),
        "undecodable": env._(
            "%s has lost characters, which cannot be restored from this file.",
            problem.column,
        ),
        "lost_zeros": env._(
            "%s has lost its leading zeros: a spreadsheet program has changed the"
            " file.",
            problem.column,
        ),
        "conflict": env._(
            "%s differs from another row of the same order.", problem.column
        ),
        "other_row": env._("Another row of this order cannot be read."),
    }
    reason = reasons[problem.code]
    if problem.order_kept and problem.code == "undecodable":
        return env._("%s Correct it before the label is made.", reason)
    if problem.order_kept:
        return env._("%s The order was read without it.", reason)
    return env._("%s The order is left out.", reason)

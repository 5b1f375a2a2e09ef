"""python -m tests.bench [NAME ...] [--json FILE] [--quick]; see `./dev bench`."""

import sys
from functools import partial

from devtools.environment import use

from . import (
    day,
    erase,
    frame,
    imports,
    labels,
    overview,
    pdf,
    push,
    read,
    rules,
    screens,
    validate,
)

BENCHES = {
    "read": read.run,
    "import": imports.run,
    "push": push.run,
    "rules": rules.run,
    "gls": labels.run,
    "pdf": pdf.run,
    "erase": erase.run,
    "myparcel": labels.run_myparcel,
    "validate": validate.run,
    "screens": screens.run,
    "day": day.run,
    "overview": overview.run,
}


def main(words) -> int:
    with use() as environment:
        version = environment.server.query("SHOW server_version").split()[0]
        describe = partial(frame.describe_machine, PostgreSQL=version)
        return frame.main(words, BENCHES, environment, describe)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

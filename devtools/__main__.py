"""`./dev COMMAND`: see `./dev --help`."""

import errno
import signal
import sys

from .cli import main
from .errors import SetupError
from .programs import space_sentence


def _ask_to_end(_number, _frame):
    sys.exit("Asked to end: run the same command again to go on.")


signal.signal(signal.SIGTERM, _ask_to_end)
try:
    sys.exit(main(sys.argv[1:]))
except SetupError as error:
    sys.exit(str(error))
except OSError as error:
    if error.errno == errno.ENOSPC:
        sys.exit(space_sentence())
    if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
        raise
    sys.exit(f"{error.filename} cannot be written: use a clone of your own.")
except KeyboardInterrupt:
    sys.exit("Interrupted: run the same command again to go on.")

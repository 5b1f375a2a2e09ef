"""Run other programs: output into a log file, a failure as one sentence."""

import errno
import os
import subprocess

from .errors import SetupError
from .paths import LOGS

NO_SPACE = "No space left on device"


def run(command, *, log, advice, env=os.environ, input="", **options):
    """Run a program to its end and return its standard output.

    `log`: name of the log file that keeps the output; `advice`: what to do if it fails.
    The program speaks English, so that its words can be read. Raises SetupError.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{log}.log"
    try:
        done = subprocess.run(
            [str(part) for part in command],
            input=input,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env={**env, "LC_ALL": "C.UTF-8"},
            **options,
        )
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise SetupError(space_sentence()) from error
        raise SetupError(f"{command[0]} cannot be run: {advice}") from error
    except subprocess.TimeoutExpired as error:
        raise SetupError(f"{command[0]} does not end: {advice}") from error
    with open(path, "a", encoding="utf-8") as handle:
        handle.write(f"$ {' '.join(map(str, command))}\n{done.stdout}{done.stderr}\n")
    if done.returncode:
        if NO_SPACE in done.stderr + done.stdout:
            raise SetupError(space_sentence())
        raise SetupError(f"{advice} (The program's own words are in {path}.)")
    return done.stdout


def space_sentence():
    """What to do when the disk is full."""
    return f"The disk is full: free some 5 GB on the disk of {LOGS.parent}, try again."

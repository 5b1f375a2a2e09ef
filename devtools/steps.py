"""Steps of the set-up: each done once, and never taken for whole by half.

A step has a key (a hash of all it depends on). Its stamp, a file with that key, is
removed before the work and written after it, so an interrupted step is done again.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import sys
import time

from .errors import SetupError
from .paths import DEV


def digest(*parts):
    """Hash of texts and bytes, as 16 hex digits."""
    whole = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        whole.update(b"%d:" % len(data) + data)
    return whole.hexdigest()[:16]


@contextlib.contextmanager
def locked(name, *, folder=None):
    """Hold the lock `name` of this checkout; waits for whoever has it."""
    path = (folder or DEV / "locks") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle


def write_whole(path, text):
    """Write a small file so that it exists complete or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.{os.getpid()}.new")
    half.write_text(text, encoding="utf-8")
    half.replace(path)


@contextlib.contextmanager
def fresh_folder(path):
    """Give an empty folder that becomes `path` when the block succeeds."""
    half = path.with_name(f"{path.name}.new")
    remove(half)
    half.mkdir(parents=True)
    yield half
    old = path.with_name(f"{path.name}.old")
    remove(old)
    if path.exists():
        path.rename(old)
    half.rename(path)
    remove(old)


def remove(path):
    """Remove a file, a link or a folder, if it is there."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def ensure(name, key, build, *, product, title, dev=DEV):
    """Do the step `name` unless it was done with this key and its product is there.

    Returns whether there was something to do.
    """
    stamp = dev / "stamps" / name
    with locked(name, folder=dev / "locks"):
        if product.exists() and _read(stamp) == key:
            return False
        stamp.unlink(missing_ok=True)
        started = time.monotonic()
        say(f"{title} ...")
        build()
        if not product.exists():
            raise SetupError(f"{title} left no {product}: remove .dev and try again.")
        write_whole(stamp, key)
        say(f"{title}: done in {time.monotonic() - started:.0f} s")
        return True


def say(text):
    """Tell the user how far things are."""
    print(text, file=sys.stderr, flush=True)


def _read(path):
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None

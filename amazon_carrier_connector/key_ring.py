"""The keys that secrets are encrypted with. None of them is ever in the database.

Keys are Fernet's: 32 bytes in URL-safe base64 (AES-128 in CBC mode and HMAC-SHA-256).
Whatever stands between blanks or on lines of its own is a key. All of them are tried
to decrypt; the last one encrypts, so that adding a key is one append, and two servers
that add one at once lose neither.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

# Keys themselves, for servers whose files do not last.
VARIABLE = "AMAZON_CARRIER_CONNECTOR_KEYS"
# A file of the administrator's, named in odoo.conf.
OPTION = "amazon_carrier_connector_key_file"
# Our own file in Odoo's data directory, beside the filestore and not in it: neither a
# dump nor a backup of one database holds it.
OWN_FILE = "amazon_carrier_connector.keys"


class KeyRingError(Exception):
    """``place``: the variable or file that a person must look at."""

    def __init__(self, place):
        super().__init__(str(place))
        self.place = str(place)


class NoKey(KeyRingError):
    """There is none at the place."""


class BadKey(KeyRingError):
    """What is at the place is no key, or cannot be read or written."""


class WrongKey(KeyRingError):
    """None of the keys decrypts the value."""


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """Where keys are: in a text, or in a file that ``may_grow`` by new ones."""

    place: str
    text: str | None = None
    may_grow: bool = False

    def encrypt(self, value):
        """
        :rtype: str
        :raises KeyRingError: when there is no usable key, and none can be made
        """
        if self.may_grow and not self._read():
            self.add_key()
        return self._get_cipher().encrypt(value.encode()).decode()

    def decrypt(self, encrypted):
        """
        :rtype: str
        :raises KeyRingError: when none of the keys fits
        """
        return self._apply("decrypt", encrypted)

    def rotate(self, encrypted):
        """The same value, encrypted with the last key.

        :rtype: str
        :raises KeyRingError: when none of the keys fits
        """
        return self._apply("rotate", encrypted)

    def add_key(self):
        """Make a key, by which values are encrypted from now on."""
        if not self.may_grow:
            raise BadKey(self.place)
        line = b"\n%s\n" % Fernet.generate_key()
        try:
            self._append(line)
        except OSError as error:
            raise BadKey(self.place) from error

    def _append(self, line):
        Path(self.place).parent.mkdir(parents=True, exist_ok=True)
        # For the user that Odoo runs as, and nobody else.
        file = os.open(self.place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, line)
            # What it encrypts is committed next, and must be readable tomorrow.
            os.fsync(file)
        finally:
            os.close(file)

    def _apply(self, operation, encrypted):
        cipher = self._get_cipher()
        try:
            return getattr(cipher, operation)(encrypted.encode()).decode()
        except InvalidToken:
            raise WrongKey(self.place) from None

    def _get_cipher(self):
        keys = self._read()
        if not keys:
            raise NoKey(self.place)
        try:
            return MultiFernet([Fernet(key) for key in reversed(keys)])
        except ValueError:
            raise BadKey(self.place) from None

    def _read(self):
        if self.text is not None:
            return self.text.split()
        try:
            return Path(self.place).read_text(encoding="ascii").split()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise BadKey(self.place) from error


def find_key_ring(config, environ=None):
    """The keys of this server.

    :param config: Odoo's configuration, a mapping
    :param environ: that of the process by default
    :rtype: KeyRing
    """
    if text := (os.environ if environ is None else environ).get(VARIABLE):
        return KeyRing(VARIABLE, text)
    if path := config.get(OPTION):
        return KeyRing(path, may_grow=Path(path).exists())
    return KeyRing(os.path.join(config["data_dir"], OWN_FILE), may_grow=True)

"""Which addresses of outside systems may be talked to."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from .errors import InsecureAddress

# Signs that browsers read otherwise than Python, such as a backslash, are in no name.
_HOST = re.compile(r"[a-z0-9._:-]+")


def is_loopback(host: str) -> bool:
    """True for an address of this machine, by name or by number."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def checked_address(url: str) -> str:
    """Return the address without its final slash, or raise InsecureAddress.

    Plain http is good for this machine only (stand-ins in tests).
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise InsecureAddress("") from None
    secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    if not (_HOST.fullmatch(host) and secure) or parts.username is not None:
        raise InsecureAddress(host)
    return url.rstrip("/")

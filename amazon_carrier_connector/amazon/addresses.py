"""Which addresses of outside systems may be talked to."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from .errors import InsecureAddress

# Signs that browsers read otherwise than Python, such as a backslash, are in no name.
_HOST = re.compile(r"[a-z0-9._:-]+")
# Where Amazon keeps documents: its stores, and the one of the models' example.
# Source: models/reports-api-model/reports_2021-06-30.json
_STORES = (".amazonaws.com", ".amazonaws.com.cn", ".cloudfront.net", ".amazon.com")


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


def checked_document_address(url: str, endpoint: str) -> str:
    """Return the address of a document, or raise InsecureAddress.

    It comes with an answer, and could name any server that this one reaches. Only
    Amazon's stores are good, and the host of ``endpoint`` itself (stand-ins in tests).
    """
    address = checked_address(url)
    host = urlsplit(address).hostname or ""
    if not host.endswith(_STORES) and host != urlsplit(endpoint).hostname:
        raise InsecureAddress(host)
    return address

"""Keeps a process on this machine: tests, and the Odoo that they and the demo start.

What is refused raises, and is logged at ERROR for the case that somebody catches it.
"""

import ipaddress
import logging
import socket

_logger = logging.getLogger("network_guard")
_GUARDED = ("connect", "connect_ex", "sendto")


class OutsideRefused(Exception):
    """A connection that would have left this machine."""


def install():
    """Refuse addresses that are not loopback; a second call changes nothing."""
    if hasattr(socket.getaddrinfo, "unguarded"):
        return
    for name in _GUARDED:
        setattr(socket.socket, name, _guarded_method(getattr(socket.socket, name)))
    socket.getaddrinfo = _guarded_look_up(socket.getaddrinfo)


def is_loopback(host):
    """Whether a host, as connections name it, is this machine. Asks nobody."""
    if isinstance(host, bytes):
        host = host.decode()
    if host in (None, "", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _guarded_method(method):
    def guarded(self, *arguments):
        # The address is the last argument of all of them.
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _check(arguments[-1][0])
        return method(self, *arguments)

    return guarded


def _guarded_look_up(look_up):
    def guarded(host, *arguments, **options):
        # A name is asked for outside; a number is only read.
        if not _is_number(host) and host != socket.gethostname():
            _check(host)
        return look_up(host, *arguments, **options)

    guarded.unguarded = look_up
    return guarded


def _is_number(host):
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _check(host):
    if not is_loopback(host):
        _logger.error("refused: a connection to %s would leave this machine", host)
        raise OutsideRefused(f"{host} is not this machine")

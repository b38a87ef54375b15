"""Addresses of network cameras: what of one may stand on a screen or in a file, and what is secret."""

from __future__ import annotations

import re
from urllib.parse import quote

HIDDEN = "…"  # in place of what is secret
# What is before the host; a password with a slash in it, too, which no host with a port looks like.
_LOGIN = re.compile(r"(?<=://)(?:[^/?#]*@|[^/?#:@]*:(?!\d{1,5}(?:[/?#]|$)).*@)")
_SECRETS = (
    "user usr username login loginuse pwd pass passwd password psw loginpas passphrase token auth key apikey"
)
_QUERY = re.compile(rf"([?&;](?:{'|'.join(_SECRETS.split())})=)[^&;#]+", re.IGNORECASE)


def is_address(device: object) -> bool:
    """Whether a device is an address, and no index or name."""
    return isinstance(device, str) and "://" in device


def shown(url: str) -> str:
    """The address as it may stand on a screen: without user name, password, key.

    Examples
    --------
    >>> shown("rtsp://me:pass@10.0.0.7/live")
    'rtsp://10.0.0.7/live'
    >>> shown("http://10.0.0.7/video.cgi?user=me&pwd=pass&rate=5")
    'http://10.0.0.7/video.cgi?user=…&pwd=…&rate=5'
    """
    return _QUERY.sub(rf"\1{HIDDEN}", _LOGIN.sub("", url))


def has_login(url: str) -> bool:
    """Whether the address holds something secret."""
    return shown(url) != url


def with_login(url: str, user: str, password: str) -> str:
    """The address with this user name and password in place of what it has of them."""
    if not user and not password:
        return url
    login = quote(user, safe="") + (":" + quote(password, safe="") if password else "") + "@"
    scheme, _, rest = _LOGIN.sub("", url).partition("://")
    return f"{scheme}://{login}{rest}"

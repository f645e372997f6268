"""Where this machine is in its local network."""

import ipaddress
import socket

from server.settings import SettingsError

PRIVATE = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
)
"""Networks that no router passes on to the internet (RFC 1918, RFC 3927, RFC 4193), and this machine itself."""
_NETWORKS = tuple(map(ipaddress.ip_network, PRIVATE))


def is_private(address: str) -> bool:
    """Whether the text is an address of a local network; False for names, 0.0.0.0 and :: as well."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed.version == network.version and parsed in network for network in _NETWORKS)


def own_address() -> str:
    """This machine's address in the network of its default route.

    Raises ``SettingsError``: ``settings_lan_none`` (no network), ``settings_lan_public`` (not a local network).
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: connecting a datagram socket only chooses the route, and with it the address.
            probe.connect(("192.0.2.1", 9))
            address = str(probe.getsockname()[0])
        except OSError as error:
            raise SettingsError("settings_lan_none") from error
    return require_private(address)


def require_private(address: str) -> str:
    """The address itself. Raises ``SettingsError`` ``settings_lan_public`` when it is not one of a local network."""
    if not is_private(address):
        raise SettingsError("settings_lan_public", host=address)
    return address


def mdns_name() -> str:
    """``<host>.local``, under which many systems find this machine without a name server."""
    label = socket.gethostname().split(".")[0].lower()
    kept = "".join(char if char.isascii() and (char.isalnum() or char == "-") else "-" for char in label).strip("-")
    return f"{kept[:63] or 'caravan'}.local"

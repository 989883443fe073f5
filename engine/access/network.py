"""IP addresses and networks: how a list of networks is read, and which addresses count as one host."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def parse_network(text: str) -> Network:
    """Return the network that a text names: an address, or one with the length of its prefix.

    :param text: as in ``192.0.2.7``, ``192.0.2.0/24`` or ``2001:db8::/32``
    :raises ValueError: it is no network, or an address within one (``192.0.2.7/24``): that is
        more likely a typo than a wish to let 256 hosts in
    """
    if "%" in text:
        raise ValueError(f"{text!r}: a network belongs to no interface")
    network = ipaddress.ip_network(text)
    mapped = network.network_address.ipv4_mapped if network.version == 6 else None
    if mapped is not None and network.prefixlen >= 96:
        # ::ffff:192.0.2.0/120 is a way to write 192.0.2.0/24 (RFC 4291 section 2.5.5.2).
        return ipaddress.ip_network((mapped, network.prefixlen - 96))
    return network


def split_networks(text: str) -> list[str]:
    """Return the items of a list that is separated by commas, blanks or line breaks."""
    return text.replace(",", " ").split()


@lru_cache(maxsize=1024)
def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks in a list.

    :raises ValueError: an item is no network
    """
    return tuple(map(parse_network, split_networks(text)))


def is_address_in(networks: Iterable[Network], remote_addr: str | None) -> bool:
    """Whether an address is in one of the networks; a text that is no address is in none."""
    try:
        address: Address = ipaddress.ip_address(remote_addr or "")
    except ValueError:
        return False
    if address.version == 6 and address.ipv4_mapped is not None:
        # A socket for both versions shows an IPv4 client this way.
        address = address.ipv4_mapped
    return any(address.version == network.version and address in network for network in networks)


def customer_of_address(remote_addr: str | None) -> str:
    """Return whom an address stands for: one host, or the /64 that one IPv6 customer has to himself.

    :returns: an address, a network, or ``"unknown"`` for what is no address
    """
    try:
        address: Address = ipaddress.ip_address(remote_addr or "")
    except ValueError:
        return "unknown"
    if address.version == 6:
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)

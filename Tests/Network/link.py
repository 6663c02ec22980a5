"""A link between two networks, with a latency of 5 milliseconds, that drops every packet to one address.

usage: link.py NAMESPACE ADDRESS NAMESPACE ADDRESS LOST

The namespaces are those of `ip netns`; each gets an interface `link0` with its address and a prefix of 24 bits.
"""
import collections
import ctypes
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
import time

LIBC = ctypes.CDLL(None, use_errno=True)
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
DELAY = 0.005


def interface(namespace, address):
    """The packets of an interface in a namespace (tun(4))."""
    with open(f"/run/netns/{namespace}") as file:
        if LIBC.setns(file.fileno(), 0) != 0:
            sys.exit(f"setns: {os.strerror(ctypes.get_errno())}")
    packets = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(packets, TUNSETIFF, struct.pack("16sH", b"link0", IFF_TUN | IFF_NO_PI))
    for words in ["link set lo up", f"addr add {address}/24 dev link0", "link set link0 up"]:
        subprocess.check_call(["ip", *words.split()])
    return packets


here, there = interface(*sys.argv[1:3]), interface(*sys.argv[3:5])
other = {here: there, there: here}
lost = socket.inet_aton(sys.argv[5])
on_the_way = collections.deque()
while True:
    wait = max(0, on_the_way[0][0] - time.monotonic()) if on_the_way else None
    for source in select.select([here, there], [], [], wait)[0]:
        packet = os.read(source, 65536)
        # Only IPv4, by its destination (RFC 791, section 3.1).
        if packet[0] >> 4 == 4 and packet[16:20] != lost:
            on_the_way.append((time.monotonic() + DELAY, other[source], packet))
    while on_the_way and on_the_way[0][0] <= time.monotonic():
        _, target, packet = on_the_way.popleft()
        os.write(target, packet)

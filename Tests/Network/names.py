"""A name server for tests: every name in `.lab` has one IPv4 address and no IPv6 address.

usage: names.py ADDRESS slow|half

    slow  answers after 1.5 seconds
    half  answers at once, but never a query for IPv6 addresses
"""
import socket
import struct
import sys
import threading
import time

ADDRESS, MODE = sys.argv[1:]
IPV4, IPV6 = 1, 28


def question(packet):
    """The name and type of the first question, and where it ends (RFC 1035, section 4.1.2)."""
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode())
        at += 1 + packet[at]
    return ".".join(labels), struct.unpack(">H", packet[at + 1:at + 3])[0], at + 5


def answer(server, packet, client):
    name, kind, end = question(packet)
    is_known = name.endswith(".lab")
    if MODE == "half" and kind == IPV6 and is_known:
        return
    if MODE == "slow":
        time.sleep(1.5)
    record = b""
    if is_known and kind == IPV4:
        # The name again, class IN, valid for a second.
        record = b"\xc0\x0c" + struct.pack(">HHIH", IPV4, 1, 1, 4) + socket.inet_aton(ADDRESS)
    code = 0 if is_known else 3
    header = packet[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, 1 if record else 0, 0, 0)
    server.sendto(header + packet[12:end] + record, client)


with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind(("127.0.0.1", 53))
    while True:
        packet, client = server.recvfrom(4096)
        threading.Thread(target=answer, args=(server, packet, client), daemon=True).start()

"""Packets of an exact size that must not be fragmented, which the lab's other programs cannot ask the kernel for.

`ping ADDRESS BYTES` sends an echo request with that much data; `udp ADDRESS PORT BYTES` a datagram. Both print `BYTES` that came back
whole, `too large` for what the kernel would have to fragment, or `nothing`. `any ADDRESS PORT BYTES` sends a datagram that the sender may put into
fragments. `echo PORT` sends each datagram back, in fragments if need be.
"""

import errno
import os
import socket
import struct
import sys

IP_MTU_DISCOVER = 10
IP_PMTUDISC_DONT = 0
IP_PMTUDISC_DO = 2
IPV6_MTU_DISCOVER = 23
SECONDS = 3


def connected(kind, protocol, address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, kind, protocol[family])
    made.settimeout(SECONDS)
    wish = IP_PMTUDISC_DONT if sys.argv[1] == "any" else IP_PMTUDISC_DO
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, wish)
    else:
        made.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, wish)
    made.connect((address, 0) if kind == socket.SOCK_RAW else (address, int(sys.argv[3])))
    return made


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data[: len(data) & ~1])) + (data[-1] << 8 if len(data) & 1 else 0)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ping(address, size):
    made = connected(socket.SOCK_RAW, {socket.AF_INET: socket.IPPROTO_ICMP, socket.AF_INET6: socket.IPPROTO_ICMPV6}, address)
    six = made.family == socket.AF_INET6
    data = os.urandom(size)
    head = struct.pack("!BBHHH", 128 if six else 8, 0, 0, os.getpid() & 0xFFFF, 1)
    # The kernel computes the checksum of ICMPv6 itself (RFC 3542, 3.1).
    if not six:
        head = head[:2] + struct.pack("!H", checksum(head + data)) + head[4:]
    made.send(head + data)
    while True:
        answer = made.recv(70000)
        body = answer if six else answer[(answer[0] & 15) * 4 :]
        if body[0] == (129 if six else 0) and body[8:] == data:
            return len(data)


def udp(address, size):
    made = connected(socket.SOCK_DGRAM, {socket.AF_INET: 0, socket.AF_INET6: 0}, address)
    data = os.urandom(size)
    made.send(data)
    return len(data) if made.recv(70000) == data else "another one"


def echo(port):
    made = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    made.bind(("::", port))
    print("ready", flush=True)
    while True:
        data, client = made.recvfrom(70000)
        made.sendto(data, client)


if sys.argv[1] == "echo":
    echo(int(sys.argv[2]))
try:
    print(ping(sys.argv[2], int(sys.argv[3])) if sys.argv[1] == "ping" else udp(sys.argv[2], int(sys.argv[4])))
except socket.timeout:
    print("nothing")
except OSError as error:
    print("too large" if error.errno == errno.EMSGSIZE else os.strerror(error.errno))

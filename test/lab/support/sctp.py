"""SCTP without the kernel's help, for `network-ingress.lab.test.ts`: the lab's kernel may have no SCTP sockets.

`hear PORT` prints `SOURCE PORT` of each INIT chunk to that port; `send FROM HOST PORT COUNT` sends so many, each from another port.
The packets are whole ones with a checksum (RFC 9260, 3 and appendix A), since the kernel's connection tracking looks at them.
"""

import random
import socket
import struct
import sys

PROTOCOL = 132


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def init(source, target):
    chunk = struct.pack('!BBHIIHHI', 1, 0, 20, random.getrandbits(32) | 1, 65535, 1, 1, 1)
    head = struct.pack('!HHI', source, target, 0)
    return head + struct.pack('<I', crc32c(head + b'\0\0\0\0' + chunk)) + chunk


def hear(port):
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, PROTOCOL)
    print('ready', flush=True)
    while True:
        packet, (source, _) = raw.recvfrom(4096)
        packet = packet[(packet[0] & 15) * 4 :]
        if struct.unpack('!H', packet[2:4])[0] != port or packet[12] != 1:
            continue
        good = struct.unpack('<I', packet[8:12])[0] == crc32c(packet[:8] + b'\0\0\0\0' + packet[12:])
        print(source, port, 'good' if good else 'bad', flush=True)


def send(origin, host, port, count):
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, PROTOCOL)
    raw.bind((origin, 0))
    for number in range(count):
        raw.sendto(init(40000 + number, port), (host, 0))


if sys.argv[1] == 'hear':
    hear(int(sys.argv[2]))
else:
    send(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))

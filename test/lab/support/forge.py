"""Frames made by hand, for `cluster-network-isolation.lab.test.ts`: what a container with NET_RAW can do, and what arrives.

`send DEVICE WAY KIND FRAME...` sends frames given as hexadecimal text. WAY: `packet` is the socket for that, `direct` the same past the queue,
`xdp` a socket that hands frames to the driver. KIND (hexadecimal) is what the kernel is told that they are, 0: what stands in them.
Prints the number of each error. `hear DEVICE MARK` prints what follows MARK in each frame that arrives, up to a dot, after a first line `ready`.
"""

import ctypes
import mmap
import os
import socket
import struct
import sys

# linux/if_packet.h, linux/if_xdp.h
ETH_P_ALL = 3
SOL_PACKET = 263
PACKET_QDISC_BYPASS = 20
AF_XDP = 44
SOL_XDP = 283
XDP_MMAP_OFFSETS = 1
XDP_TX_RING = 3
XDP_UMEM_REG = 4
XDP_UMEM_FILL_RING = 5
XDP_UMEM_COMPLETION_RING = 6
XDP_PGOFF_TX_RING = 0x80000000
XDP_COPY = 2
CHUNK = 4096
COUNT = 64


def send_by_packet(device, kind, frames, direct):
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    if direct:
        sender.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
    for frame in frames:
        try:
            sender.sendto(frame, (device, kind or struct.unpack("!H", frame[12:14])[0]))
        except OSError as error:
            print(error.errno)


def send_by_xdp(device, frames):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_longlong]
    sender = socket.socket(AF_XDP, socket.SOCK_RAW, 0)
    memory = mmap.mmap(-1, CHUNK * COUNT)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    sender.setsockopt(SOL_XDP, XDP_UMEM_REG, struct.pack("=QQIIII", start, CHUNK * COUNT, CHUNK, 0, 0, 0))
    for ring in (XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_TX_RING):
        sender.setsockopt(SOL_XDP, ring, struct.pack("=I", COUNT))
    # Four numbers a ring: producer, consumer, descriptors, flags; those of receiving come first.
    producer, _, descriptors, _ = struct.unpack("=16Q", sender.getsockopt(SOL_XDP, XDP_MMAP_OFFSETS, 128))[4:8]
    ring = libc.mmap(None, descriptors + COUNT * 16, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED, sender.fileno(), XDP_PGOFF_TX_RING)
    place = struct.pack("=HHIII", AF_XDP, XDP_COPY, socket.if_nametoindex(device), 0, 0)
    if libc.bind(sender.fileno(), place, len(place)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    for index, frame in enumerate(frames):
        memory[index * CHUNK : index * CHUNK + len(frame)] = frame
        ctypes.memmove(ring + descriptors + index * 16, struct.pack("=QII", index * CHUNK, len(frame), 0), 16)
    ctypes.c_uint32.from_address(ring + producer).value = len(frames)
    sender.send(b"")


def send(device, way, kind, *texts):
    frames = [bytes.fromhex(text) for text in texts]
    try:
        if way == "xdp":
            send_by_xdp(device, frames)
        else:
            send_by_packet(device, int(kind, 16), frames, way == "direct")
    except OSError as error:
        print(error.errno)


def hear(device, mark):
    listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    listener.bind((device, ETH_P_ALL))
    print("ready", flush=True)
    while True:
        frame, (_, _, kind, *_) = listener.recvfrom(65536)
        before, found, rest = frame.partition(mark.encode())
        if found and kind != socket.PACKET_OUTGOING:
            print(rest.split(b".")[0].decode(), flush=True)


command, *arguments = sys.argv[1:]
{"send": send, "hear": hear}[command](*arguments)

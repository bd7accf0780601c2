"""The model's file, as common/language/model.h describes it."""

import hashlib
import json
import struct

import numpy

import words

MAGIC, FORMAT, HASH_ID = b"RSLANG\r\n", 1, 1


def pack(sections):
    """{name: bytes} as a file."""
    names = sorted(sections)
    at = 24 + 32 * len(names)
    table, body = b"", b""
    for name in names:
        body += b"\0" * (-(at + len(body)) % 8)
        table += struct.pack("<20sIII", name.encode(), at + len(body), len(sections[name]), 0)
        body += sections[name]
    size = at + len(body) + 32
    data = MAGIC + struct.pack("<IIII", FORMAT, HASH_ID, len(names), size) + table + body
    return data + hashlib.sha256(data).digest()


def unpack(data):
    count = struct.unpack_from("<I", data, 16)[0]
    out = {}
    for i in range(count):
        name, at, size, _ = struct.unpack_from("<20sIII", data, 24 + 32 * i)
        out[name.rstrip(b"\0").decode()] = data[at:at + size]
    return out


def settings_text(settings):
    return "".join(f"{name} {value}\n" for name, value in sorted(settings.items())).encode()


def manifest_text(manifest):
    return (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()


def empty():
    """A model that knows words only, for making features."""
    table = struct.pack("<II4d", 1, 2, 1, 1, 0, 0) + b"\0" * 4
    return {"dictionary": words.section(), "polarity.en": table, "settings": b"name empty\n"}


class Table:
    """Linear heads: int8 weights (rows x heads), a scale and a bias each."""

    def __init__(self, weights, biases):
        weights = numpy.stack(weights, axis=1)
        self.scale = numpy.abs(weights).max(axis=0) / 127
        self.scale[self.scale == 0] = 1
        self.weights = numpy.rint(weights / self.scale).astype(numpy.int8)
        self.bias = numpy.array(biases, float)

    def section(self):
        rows, heads = self.weights.shape
        return (struct.pack("<II", rows.bit_length() - 1, heads)
                + struct.pack(f"<{2 * heads}d", *self.scale, *self.bias) + self.weights.tobytes())

    def margins(self, matrix):
        """Texts x heads."""
        return numpy.stack([matrix.times(self.weights[:, h] * self.scale[h]) + self.bias[h]
                            for h in range(len(self.scale))], axis=1)


def read_table(section):
    """The table of a section."""
    bits, heads = struct.unpack_from("<II", section)
    table = Table.__new__(Table)
    numbers = struct.unpack_from(f"<{2 * heads}d", section, 8)
    table.scale, table.bias = numpy.array(numbers[:heads]), numpy.array(numbers[heads:])
    table.weights = numpy.frombuffer(section, numpy.int8, heads << bits,
                                     8 + 16 * heads).reshape(1 << bits, heads)
    return table


def read_settings(sections):
    lines = sections["settings"].decode().splitlines()
    return dict(line.split(" ", 1) for line in lines)

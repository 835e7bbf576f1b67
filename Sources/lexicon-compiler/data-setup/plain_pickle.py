"""Reads pickles of plain data without running anything in them.

    plain_pickle.py PICKLE JSON        converts a pickle of dictionaries, lists, strings and numbers to JSON
"""
import io
import json
import os
import pickle
import sys


class Refused(Exception):
    """A pickle that names anything but a container."""


class PlainUnpickler(pickle.Unpickler):
    """Tuples, lists, dictionaries, strings and numbers have opcodes of their own; the only classes found are sets."""

    def find_class(self, module, name):
        if module in ("builtins", "__builtin__") and name in ("set", "frozenset"):
            return {"set": set, "frozenset": frozenset}[name]
        raise Refused(f"its pickle names {module}.{name}")


def unpickled(content):
    """The value of a pickle. Strings of Python 2 are bytes; those that are no UTF-8 become surrogate escapes."""
    return PlainUnpickler(io.BytesIO(content), encoding="utf-8", errors="surrogateescape").load()


def write(path, content):
    """Writes a file that appears complete or not at all."""
    part = f"{path}.{os.getpid()}.part"
    try:
        with open(part, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.remove(part)


if __name__ == "__main__":
    source, target = sys.argv[1:]
    with open(source, "rb") as file:
        value = unpickled(file.read())
    write(target, json.dumps(value, ensure_ascii=False).encode())

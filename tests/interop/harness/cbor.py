"""As much CBOR as a harness needs: to write requests and transcripts, and to find the bytes that a case alters.

It keeps the place of every item, so that an alteration replaces exactly the bytes it means to.
"""

import base64
from dataclasses import dataclass


@dataclass
class Node:
    """One item: `data[start:end]`; `body` is where a string's bytes begin."""

    major: int
    value: object
    start: int
    body: int
    end: int
    data: bytes
    tag: object = None

    def __getitem__(self, key):
        if self.major == 5:
            for name, node in self.value:
                if name.value == key:
                    return node
            raise KeyError(key)
        return self.value[key]

    def has(self, key):
        return any(name.value == key for name, _ in self.value)

    @property
    def raw(self):
        return self.data[self.start : self.end]

    def inner(self):
        """What a tag 24 holds, with places counted in the whole input."""
        item = self.value if self.major == 6 else self
        node, end = _decode(item.data[: item.end], item.body)
        if end != item.end:
            raise ValueError("bytes after an embedded item")
        return node

    def plain(self):
        """The value in the interface's JSON form."""
        if self.major == 2:
            return {"bytes": base64.urlsafe_b64encode(self.value).rstrip(b"=").decode()}
        if self.major == 4:
            return [item.plain() for item in self.value]
        if self.major == 5:
            return {name.value: node.plain() for name, node in self.value}
        if self.major == 6 and self.tag in (0, 1004):
            return {"date" if self.tag == 1004 else "tdate": self.value.plain()}
        if self.major == 6:
            return self.value.plain()
        return self.value


def decode(data):
    node, end = _decode(data, 0)
    if end != len(data):
        raise ValueError(f"{len(data) - end} bytes after the item")
    return node


def _decode(data, start):
    first = data[start]
    major, info = first >> 5, first & 31
    at = start + 1
    if info < 24:
        argument = info
    elif info <= 27:
        size = 1 << (info - 24)
        argument = int.from_bytes(data[at : at + size], "big")
        at += size
    else:
        raise ValueError(f"indefinite length at {start}")
    if major == 0:
        return Node(0, argument, start, at, at, data), at
    if major == 1:
        return Node(1, -1 - argument, start, at, at, data), at
    if major in (2, 3):
        end = at + argument
        value = data[at:end]
        if len(value) != argument:
            raise ValueError(f"string cut short at {start}")
        return Node(major, value if major == 2 else value.decode(), start, at, end, data), end
    if major == 4:
        items = []
        end = at
        for _ in range(argument):
            node, end = _decode(data, end)
            items.append(node)
        return Node(4, items, start, at, end, data), end
    if major == 5:
        items = []
        end = at
        for _ in range(argument):
            name, end = _decode(data, end)
            node, end = _decode(data, end)
            items.append((name, node))
        return Node(5, items, start, at, end, data), end
    if major == 6:
        node, end = _decode(data, at)
        tagged = Node(6, node, start, at, end, data)
        tagged.tag = argument
        return tagged, end
    simple = {20: False, 21: True, 22: None, 23: None}.get(info, argument)
    return Node(7, simple, start, at, at, data), at


@dataclass
class Raw:
    """Encoded already."""

    data: bytes


@dataclass
class Tag:
    number: int
    value: object


def head(major, argument):
    if argument < 24:
        return bytes([major << 5 | argument])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << (8 * size):
            return bytes([major << 5 | info]) + argument.to_bytes(size, "big")
    raise ValueError("too large")


def encode(value):
    if isinstance(value, Raw):
        return value.data
    if value is None:
        return b"\xf6"
    if value is True or value is False:
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        data = value.encode()
        return head(3, len(data)) + data
    if isinstance(value, (list, tuple)):
        return head(4, len(value)) + b"".join(encode(item) for item in value)
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, Tag):
        return head(6, value.number) + encode(value.value)
    raise TypeError(type(value))


def tag24(data):
    """`#6.24(bstr)` around encoded bytes."""
    return Raw(encode(Tag(24, data)))

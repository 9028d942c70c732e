"""The stream cipher RC4, which Access used until 2007; it is no protection any more, and only decrypts here.

Jet's keys of four bytes are shorter than cryptographic libraries accept, so it is written out.
"""

from __future__ import annotations


def crypt(key: bytes, data: bytes) -> bytes:
    """Data encrypted or decrypted with a key; RC4 does the same for both (RFC 6229 has test vectors)."""
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) & 0xFF
        state[i], state[j] = state[j], state[i]
    stream = bytearray(len(data))
    i = j = 0
    for at in range(len(data)):
        i = (i + 1) & 0xFF
        si = state[i]
        j = (j + si) & 0xFF
        sj = state[j]
        state[i], state[j] = sj, si
        stream[at] = state[(si + sj) & 0xFF]
    return (int.from_bytes(data, "little") ^ int.from_bytes(stream, "little")).to_bytes(len(data), "little")

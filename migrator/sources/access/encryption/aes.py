"""AES, by the package `cryptography`, which only encrypted files need."""

from __future__ import annotations

import importlib
from typing import Any

from migrator.errors import EnvironmentFailure


def decrypt(key: bytes, data: bytes, iv: bytes | None = None) -> bytes:
    """Whole blocks decrypted: chained after an initial vector, or each by itself without one.

    Raises:
        EnvironmentFailure: The package is not installed.
    """
    ciphers = _ciphers()
    mode = ciphers.modes.ECB() if iv is None else ciphers.modes.CBC(iv)
    work = ciphers.Cipher(ciphers.algorithms.AES(key), mode).decryptor()
    return bytes(work.update(data) + work.finalize())


def _ciphers() -> Any:
    try:
        return importlib.import_module("cryptography.hazmat.primitives.ciphers")
    except ImportError as error:
        raise EnvironmentFailure(
            "Reading an encrypted database needs the package cryptography.",
            where="import cryptography",
            hint="Install it: pip install 'migrator[encrypted]'",
        ) from error

"""Whom the app trusts."""

from __future__ import annotations

from datetime import datetime

from . import _ffi
from ._calls import call
from ._convert import data, lift, seconds, text
from ._documents import AnchorReport


class TrustStore:
    """Whom a wallet or a reader trusts, and what is known of revocation: authorities, lists of revoked certificates, status lists. Holds no
    personal data.

    Certificates come with the app or from its operator, never from a document or a reader. May be filled at any time and from any thread;
    what was begun with it goes on with what it had then.
    """

    def __init__(self) -> None:
        """Trusts nobody yet."""
        self._ffi = call(_ffi.TrustStore)

    def add_issuer_anchors(self, pem_or_der: bytes) -> tuple[AnchorReport, ...]:
        """Trusts issuer authorities (IACA): every certificate of a PEM text, or one in DER.

        Raises `InvalidStateError` when it is no certificate; nobody new is trusted then.
        """
        return lift(tuple[AnchorReport, ...], call(self._ffi.add_issuer_anchors, data("pem_or_der", pem_or_der)))

    def add_reader_anchors(self, pem_or_der: bytes) -> tuple[AnchorReport, ...]:
        """Trusts reader authorities. As `add_issuer_anchors`."""
        return lift(tuple[AnchorReport, ...], call(self._ffi.add_reader_anchors, data("pem_or_der", pem_or_der)))

    def add_crls(self, pem_or_der: bytes, fetched_at: datetime) -> int:
        """Takes lists of revoked certificates (CRL), PEM or DER, which were fetched at that time. Gives how many.

        Raises `InvalidStateError` when it is none; nothing is taken then.
        """
        return call(self._ffi.add_crls, data("pem_or_der", pem_or_der), seconds("fetched_at", fetched_at))

    def add_status_list(self, uri: str, token: bytes, fetched_at: datetime) -> None:
        """Takes the status list that is published at `uri` and was fetched at that time.

        Raises `InvalidStateError` when it is none; nothing is taken then.
        """
        call(self._ffi.add_status_list, text("uri", uri), data("token", token), seconds("fetched_at", fetched_at))

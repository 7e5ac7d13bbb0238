"""A security key in software: makes real WebAuthn answers, so that the server's checks are exercised, not replaced."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

PRESENT_AND_VERIFIED, WITH_CREDENTIAL = 0x05, 0x40


class SoftAuthenticator:
    """One key, bound to one relying party. `origin` is what the browser would say."""

    def __init__(self, origin: str = "https://testserver"):
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(32)
        self.counter = 0
        self.rp_id = ""
        self.user_handle = ""

    def create(self, options: dict[str, Any]) -> str:
        """Answer to `navigator.credentials.create`, as the page's script posts it."""
        public = options["publicKey"]
        self.rp_id, self.user_handle = public["rp"]["id"], public["user"]["id"]
        attested = (
            bytes(16)
            + struct.pack(">H", len(self.credential_id))
            + self.credential_id
            + cbor.encode(ES256.from_cryptography_key(self.key.public_key()))
        )
        data = self._authenticator_data(PRESENT_AND_VERIFIED | WITH_CREDENTIAL) + attested
        return self._answer(
            {
                "clientDataJSON": _b64(self._client_data("webauthn.create", public["challenge"])),
                "attestationObject": _b64(cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})),
                "transports": ["internal"],
            }
        )

    def get(self, options: dict[str, Any]) -> str:
        """Answer to `navigator.credentials.get`."""
        self.counter += 1
        client_data = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        data = self._authenticator_data(PRESENT_AND_VERIFIED)
        signed = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": _b64(client_data),
                "authenticatorData": _b64(data),
                "signature": _b64(signed),
                "userHandle": self.user_handle,
            }
        )

    def _authenticator_data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + struct.pack(">I", self.counter)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        name = _b64(self.credential_id)
        answer = {"type": "public-key", "id": name, "rawId": name, "clientExtensionResults": {}, "response": response}
        return json.dumps({**answer, "authenticatorAttachment": "platform"})


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()

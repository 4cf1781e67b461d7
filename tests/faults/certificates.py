"""An authority for an hour, and what it signs or does not sign."""

import datetime
import ssl
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_A_DAY = datetime.timedelta(days=1)


class Authority:
    """Writes itself to `authority.pem` in the folder: who trusts that file trusts what `server()` shows."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("An authority for tests")
        made = _certificate(self._name, self._name, self._key).add_extension(x509.BasicConstraints(True, 0), True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def server(self, host: str = "127.0.0.1", *, is_ours: bool = True) -> ssl.SSLContext:
        """A server's certificate for this address, signed by the authority, or else by nobody but itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(host)
        issuer, signer = (self._name, self._key) if is_ours else (subject, key)
        address = x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))])
        made = _certificate(subject, issuer, key).add_extension(address, False).sign(signer, hashes.SHA256())
        file = self._folder / f"server-{host}-{'ours' if is_ours else 'self-signed'}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    return made.not_valid_before(now - _A_DAY).not_valid_after(now + _A_DAY)

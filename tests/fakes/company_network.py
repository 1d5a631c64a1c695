"""A company's network, whose only way out is a proxy that wants to be asked by name, and reads what is encrypted.

    async with CompanyNetwork(tmp_path, {"slack.com": slack.base_url}) as network:
        SlackApi(..., base_url="https://slack.com/api/", way_out=network.way_out)
    network.asked                                           # ["slack.com:443"]: each host

It answers CONNECT, and then speaks TLS in the host's name, with a certificate of the company's own authority; and POST
to http:// addresses.
What it decrypts goes to the counterpart on loopback that stands for the host. No name there is known to this machine.
"""

import asyncio
import base64
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote_plus, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from connectors.http import WayOut

REASONS = {403: "Forbidden", 407: "Proxy Authentication Required", 502: "Bad Gateway"}


class CompanyNetwork:
    def __init__(
        self,
        folder: Path,
        hosts: Mapping[str, str],
        *,
        user: str = "",
        password: str = "",
        refuses: str = "",
        is_encrypted: bool = False,
    ) -> None:
        """`hosts` are names, each with the address of its counterpart; `refuses` is one that nobody may ask.

        `is_encrypted`: the proxy itself is spoken to by TLS.
        """
        self.asked: list[str] = []
        self.violations: list[str] = []
        self._hosts = {host: urlsplit(address) for host, address in hosts.items()}
        self.login = f"{user}:{password}" if user else ""
        self._refuses = refuses
        self._is_encrypted = is_encrypted
        self._authority = _Authority(folder)
        self._open: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        tls = self._authority.vouch_for("localhost") if self._is_encrypted else None
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        assert self.violations == []

    def url(self, login: str | None = None) -> str:
        """Of the proxy, with its own user and password or with others."""
        shown = ":".join(map(quote_plus, self.login.split(":", 1))) if login is None else login
        scheme, host = ("https", "localhost") if self._is_encrypted else ("http", "127.0.0.1")
        return f"{scheme}://{shown}{'@' if shown else ''}{host}:{self._port}"

    @property
    def authorities(self) -> Path:
        return self._authority.file

    @property
    def way_out(self) -> WayOut:
        return WayOut(https_proxy=self.url(), authorities=self.authorities)

    @property
    def settings(self) -> dict[str, Any]:
        return {"https_proxy": SecretStr(self.url()), "ssl_cert_file": self.authorities}

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._connect(reader, writer)
        finally:
            self._open.discard(task)
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, version = first.split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        is_plain = method == "POST" and target.startswith("http://")
        place = f"{urlsplit(target).netloc}:80" if is_plain else target
        if not (is_plain or method == "CONNECT") or headers.get("host") not in {place, place.rpartition(":")[0]}:
            self.violations.append(first)
        self.asked.append(place)
        host = place.rpartition(":")[0]
        status = self._status(host, headers)
        if status != 200:
            writer.write(f"HTTP/1.1 {status} {REASONS[status]}\r\ncontent-length: 0\r\n\r\n".encode())
            await writer.drain()
        elif is_plain:
            kept = [line for line in lines if not line.lower().startswith("proxy-")]
            await self._hand_on(host, reader, writer, [f"{method} {urlsplit(target).path} {version}", *kept])
        else:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            await writer.start_tls(self._authority.vouch_for(host))
            await self._hand_on(host, reader, writer)

    def _status(self, host: str, headers: Mapping[str, str]) -> int:
        wanted = f"Basic {base64.b64encode(self.login.encode()).decode()}" if self.login else None
        if headers.get("proxy-authorization") != wanted:
            return 407
        if host == self._refuses:
            return 403
        return 200 if host in self._hosts else 502

    async def _hand_on(
        self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: Sequence[str] = ()
    ) -> None:
        counterpart = self._hosts[host]
        onward, backward = await asyncio.open_connection(counterpart.hostname, counterpart.port)
        backward.write("\r\n".join(heard).encode())
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(reader, backward))
                both.create_task(_pump(onward, writer))
        finally:
            backward.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while read := await reader.read(65536):
        writer.write(read)
        await writer.drain()
    writer.close()


class _Authority:
    """Certificates for hosts, and the file with its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Quillmoor's own authority")])
        certificate = self._sign(self._name, self._key, x509.BasicConstraints(ca=True, path_length=0))
        self.file = folder / "authority.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def vouch_for(self, host: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        made = self._sign(name, key, x509.SubjectAlternativeName([x509.DNSName(host)]))
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = self._folder / f"{host}.pem"
        file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(file)
        return context

    def _sign(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        made = x509.CertificateBuilder(issuer_name=self._name, subject_name=name, public_key=key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        made = made.not_valid_after(now + timedelta(days=1)).add_extension(extension, critical=True)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        made = made.add_extension(identifier, critical=False).add_extension(own, critical=False)
        is_authority = isinstance(extension, x509.BasicConstraints)
        if is_authority:
            made = made.add_extension(_usage(), critical=True)
        return made.sign(self._key, hashes.SHA256())


def _usage() -> x509.KeyUsage:
    """Python 3.13 takes no authority without it."""
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )

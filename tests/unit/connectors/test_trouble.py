"""Of a place that can't be reached, people are told what they can mend."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.errors import SourceUnavailable
from connectors.http import Visit, trouble_of


@pytest.fixture
def run_out(tmp_path: Path) -> Path:
    """A certificate that ran out yesterday, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=9)).not_valid_after(now - timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "both.pem"
    file.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return file


async def test_a_certificate_that_ran_out_is_named(run_out: Path) -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(run_out)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    trusting = ssl.create_default_context(cafile=run_out)
    async with server, httpx.AsyncClient(verify=trusting, trust_env=False) as client:
        with pytest.raises(httpx.ConnectError) as failed:
            await client.get(f"https://localhost:{port}/")
    assert trouble_of(failed.value) == "its certificate is refused: certificate has expired"


async def test_a_name_that_is_not_found_is_named() -> None:
    async def ask_nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async def rest(_: float) -> None:
        """Not in a test."""

    visit = Visit("gone", base_url="https://gone.example/", resolver=ask_nobody, sleep=rest)
    async with visit:
        with pytest.raises(SourceUnavailable, match="its name is not found"):
            await visit.get_json("/")


def test_another_trouble_is_named_by_its_kind() -> None:
    assert trouble_of(httpx.ReadTimeout("")) == "ReadTimeout"

"""The peers that benchmarks measure us beside, in an environment of their own (`make .venv-peers/ready`)."""

from pathlib import Path
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

PEERS = Path(__file__).parent
PEER_PYTHON = str(PEERS.parents[2] / ".venv-peers" / "bin" / "python")


def sqlalchemy_url(url: str) -> str:
    """A libpq connection string as SQLAlchemy wants it, over a socket or TCP."""
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    host = quote(parts.get("host", ""), safe="")
    return f"postgresql+psycopg://{parts['user']}@/{parts['dbname']}?host={host}"

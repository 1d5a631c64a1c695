"""Whether the bot in this container lives: asks a web's port, and the one where a worker tells of its health."""

import os
import sys
from urllib.request import ProxyHandler, build_opener

PORTS = {os.environ.get("HELPDESK_PORT") or "8080", os.environ.get("HELPDESK_HEALTH_PORT") or "8080"}


def lives(port: str) -> bool:
    try:
        with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{port}/healthz", timeout=1):  # by no proxy
            return True
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(not any(lives(port) for port in PORTS))

"""How logs look: JSON lines on standard error, ours and those of libraries."""

import json
import subprocess
import sys

LOGS = """
import logging, structlog
from helpdesk_bot.telemetry import set_up_logging
set_up_logging("INFO")
structlog.get_logger().info("ours", source="handbook")
logging.getLogger("psycopg.pool").warning('no "socket" at %s\\n\\tIs it running?', "/var/run")
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("procrastinate").exception("a job failed")
"""


def test_every_line_is_json_on_standard_error() -> None:
    """Standard output is what the bot announces, for people."""
    done = subprocess.run([sys.executable, "-c", LOGS], check=True, capture_output=True, text=True)
    assert done.stdout == ""
    ours, theirs, failed = map(json.loads, done.stderr.splitlines())
    assert (ours["event"], ours["level"], ours["source"]) == ("ours", "info", "handbook")
    assert theirs["event"] == 'no "socket" at /var/run\n\tIs it running?'
    assert (theirs["level"], theirs["logger"]) == ("warning", "psycopg.pool")
    assert "ZeroDivisionError" in failed["exception"]
    assert all(one["timestamp"] for one in (ours, theirs, failed))

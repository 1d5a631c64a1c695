"""How logs look: JSON lines on standard error, ours and those of libraries."""

import json
import subprocess
import sys

LOGS = """
import logging, structlog
from helpdesk_bot.telemetry import set_up_logging
set_up_logging("INFO")
structlog.get_logger().info("ours", source="handbook")
logging.getLogger("psycopg").warning('no "socket" at %s\\n\\tIs it running?', "/var/run")
logging.getLogger("psycopg.pool").warning("error connecting in pool-1")
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("procrastinate").exception("a job failed")
from procrastinate.exceptions import ConnectorException
import psycopg
try:
    raise ConnectorException from psycopg.OperationalError("the server closed\\nthe connection")
except ConnectorException:
    logging.getLogger("procrastinate").exception("listener error")
"""


def test_every_line_is_json_on_standard_error() -> None:
    """Standard output is what the bot announces, for people."""
    done = subprocess.run([sys.executable, "-c", LOGS], check=True, capture_output=True, text=True)
    assert done.stdout == ""
    ours, theirs, failed, away = map(json.loads, done.stderr.splitlines())
    assert (ours["event"], ours["level"], ours["source"]) == ("ours", "info", "handbook")
    assert theirs["event"] == 'no "socket" at /var/run\n\tIs it running?'
    assert (theirs["level"], theirs["logger"]) == ("warning", "psycopg")
    assert "ZeroDivisionError" in failed["exception"]
    assert (away["error"], "exception" in away) == ("the server closed the connection", False)
    assert all(one["timestamp"] for one in (ours, theirs, failed, away))

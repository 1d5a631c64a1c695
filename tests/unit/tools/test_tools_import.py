"""What tools need is loaded where there are tools, and costs no other start its seconds."""

from subprocess import run
from sys import executable

import pytest


@pytest.mark.slow
def test_importing_the_app_builds_no_schema_validator():
    code = "import sys, helpdesk_bot.app; print('jsonschema' in sys.modules)"
    shown = run([executable, "-c", code], check=True, capture_output=True, text=True)
    assert shown.stdout.strip() == "False"

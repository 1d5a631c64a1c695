"""The judge of evidence that is in force."""

import json

from helpdesk_bot.agent.evidence import SHIPPED, Calibration
from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.settings import Settings


def calibration_of(settings: Settings) -> Calibration:
    """The one that EVIDENCE_FILE names, or the one that is shipped. Raises `NotConfigured`."""
    if settings.evidence_file is None:
        return SHIPPED
    try:
        return Calibration.from_json(json.loads(settings.evidence_file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise NotConfigured(f"EVIDENCE_FILE={settings.evidence_file} can't be used: {error}") from error

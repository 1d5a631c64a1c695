"""Names that look like settings and are none: what they were meant to set stays as it was, and nobody is told."""

import os
from collections.abc import Mapping
from difflib import get_close_matches

from pydantic_settings import DotEnvSettingsSource

from helpdesk_bot.settings.settings import Settings

OURS = "HELPDESK_"
ADDED_BY_OTHERS = "HELPDESK_BOT_"
"""What Docker and Kubernetes put into the environment of those beside a service of this name."""
NOT_ONLY_OURS = frozenset({"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_FILE"})
"""Many programs read these, and some have names of their own beside them: FTP_PROXY, NIX_SSL_CERT_FILE."""
ALIKE = 0.84
"""The share of letters in common from which one name is taken for another: FOLDER for FOLDERS, not GOOGLE_API_KEY."""


def find_misspelt() -> Mapping[str, str]:
    """Each in the environment and in `.env`, with the setting that may be meant; empty where none is like it."""
    known = {name.upper() for name in Settings.model_fields}
    given = {name.upper() for name in (*os.environ, *DotEnvSettingsSource(Settings).env_vars)}
    meant = {
        name: next(iter(get_close_matches(name, known - NOT_ONLY_OURS, n=1, cutoff=ALIKE)), "")
        for name in sorted(given - known)
        if not name.startswith(ADDED_BY_OTHERS)
    }
    return {name: guess for name, guess in meant.items() if guess or name.startswith(OURS)}

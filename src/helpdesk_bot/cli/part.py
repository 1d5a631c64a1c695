"""What a process is."""

from enum import StrEnum


class Part(StrEnum):
    ALL = "all"
    WEB = "web"
    WORKER = "worker"
    SCHEDULER = "scheduler"


EMBEDDING = {Part.ALL, Part.WORKER}
"""They sync and answer. The others only hand on what is to be done."""

"""What a process is."""

from enum import StrEnum


class Part(StrEnum):
    ALL = "all"
    WEB = "web"
    WORKER = "worker"
    SCHEDULER = "scheduler"

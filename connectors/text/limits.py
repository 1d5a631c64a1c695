"""How much reading one file may take."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class ReadLimits:
    """Measured with pypdf 7.1: an 8 KiB PDF can burn 12 CPU seconds, so size alone protects nobody."""

    cpu_s: int = 10
    """Processor seconds; the kernel ends the child process after them."""
    memory_bytes: int = 512 * MIB
    """Address space on top of the idle child process. An office file may not unpack to more either."""
    wall_s: float = 30
    pages: int = 2_000
    """Pages of a PDF, slides of a presentation."""
    input_bytes: int = 50 * MIB
    output_chars: int = 5_000_000
    """Characters of Markdown."""

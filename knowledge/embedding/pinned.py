"""Files of other people's wheels, known by their hashes."""

import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from knowledge.errors import EmbedderBroken


@dataclass(frozen=True, kw_only=True)
class PinnedFile:
    """A file of an installed distribution, whose code never runs."""

    distribution: str
    path: str
    sha256: str

    def locate(self) -> Path:
        """Where it is installed. Raises EmbedderBroken when it is missing or not the file that was pinned."""
        try:
            file = Path(str(distribution(self.distribution).locate_file(self.path)))
            with file.open("rb") as content:
                sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        except (PackageNotFoundError, OSError) as error:
            raise EmbedderBroken(self.distribution, f"{self.path} can't be read") from error
        if sha256 != self.sha256:
            raise EmbedderBroken(self.distribution, f"{self.path} is not the file that was pinned")
        return file

"""Install Microsoft's playground and what drives it: `python infra/teams/install_playground.py`. Needs Node.js 20."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "tests" / "e2e" / "teams"
FOLDER = ROOT / ".venv" / "teams-playground"
"""Beside the rest of what is installed, so that `make clean` takes it away."""


def install(recipe: Path = RECIPE, folder: Path = FOLDER) -> Path:
    """What a package-lock.json pins, into a folder."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is not here: install Node.js 20 or later")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(recipe / name, folder / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
    subprocess.run(command, cwd=folder, check=True)  # noqa: S603 - fixed words
    return folder


if __name__ == "__main__":
    print(install())

"""Install Microsoft's playground and what drives it: `python infra/teams/install_playground.py`. Needs Node.js 20."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "tests" / "e2e" / "teams"
FOLDER = ROOT / ".venv" / "teams-playground"
"""Beside the rest of what is installed, so that `make clean` takes it away."""


def install() -> Path:
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is not here: install Node.js 20 or later")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(RECIPE / name, FOLDER / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
    subprocess.run(command, cwd=FOLDER, check=True)  # noqa: S603 - fixed words
    return FOLDER


if __name__ == "__main__":
    print(install())

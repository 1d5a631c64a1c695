"""`make mutation`: each control of `controls` is taken away in a copy of the source, and its tests must then fail.

First all of these tests run on the copy as it is: what fails there would prove nothing.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.security.controls import CONTROLS, Control

ROOT = Path(__file__).parents[2]
COPIED = ("src", "connectors", "knowledge", "tests", "infra", "docs", "pyproject.toml", ".env.example", "README.md")
TIMEOUT_S = 400
FAILED = 1
"""pytest's exit code where tests ran and some failed: anything else is a fault of this script or of an entry."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="controls whose name holds this")
    parser.add_argument("--at-once", type=int, default=2, help="copies that are worked on at the same time")
    parser.add_argument("--no-baseline", action="store_true", help="skip the run without a change")
    chosen = parser.parse_args(arguments)
    controls = [control for control in CONTROLS if chosen.only in control.name]
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        copies = [copy_to(Path(folder) / str(number)) for number in range(chosen.at_once)]
        if not chosen.no_baseline and not is_green(copies[0], controls):
            return 2
        with ThreadPoolExecutor(chosen.at_once) as pool:
            shares = [controls[number :: chosen.at_once] for number in range(chosen.at_once)]
            found = [one for share in pool.map(try_all, copies, shares) for one in share]
    caught = sum(is_caught for _, is_caught in found)
    print(f"{caught} of {len(found)} caught in {time.monotonic() - began:.0f} s")
    for control, is_caught in found:
        if not is_caught:
            print(f"SURVIVED: {control.name} ({control.file})")
    return 0 if caught == len(found) else 1


def copy_to(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        else:
            shutil.copy(source, folder / name)
    return folder


def is_green(copy: Path, controls: Sequence[Control]) -> bool:
    tests = sorted({test for control in controls for test in control.tests})
    run = run_tests(copy, tests, timeout_s=20 * TIMEOUT_S)
    if run.returncode:
        print(run.stdout[-4000:], "These tests fail without any change: nothing is proved.", sep="\n")
    return run.returncode == 0


def try_all(copy: Path, controls: Sequence[Control]) -> list[tuple[Control, bool]]:
    return [(control, try_one(copy, control)) for control in controls]


def try_one(copy: Path, control: Control) -> bool:
    file = copy / control.file
    before = file.read_text(encoding="utf-8")
    file.write_text(taken_away(control, before), encoding="utf-8")
    try:
        run = run_tests(copy, ["-x", *control.tests], timeout_s=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        print(f"NO END    {control.name}: more than {TIMEOUT_S} s prove nothing", flush=True)
        return False
    finally:
        file.write_text(before, encoding="utf-8")
    is_caught = run.returncode == FAILED
    last = (run.stdout.strip().splitlines() or [""])[-1]
    print(f"{'caught   ' if is_caught else 'SURVIVED '} {control.name}: {last}", flush=True)
    return is_caught


def taken_away(control: Control, text: str) -> str:
    """Raises `ValueError` where the piece is not there, or more than once."""
    if text.count(control.old) != 1:
        raise ValueError(f"{control.name}: {control.file} holds its piece {text.count(control.old)} times, not once")
    return text.replace(control.old, control.new)


def run_tests(copy: Path, words: Sequence[str], *, timeout_s: float) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(copy / "src"), str(copy)))
    return subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-n", "0", *words],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())

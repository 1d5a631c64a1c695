"""`make mutation`: each control of `controls` is taken away in a copy of the source, and its tests must then fail.

The copy has an environment of its own, so that the processes that a test starts run the copy too. The tests that failed
run again with the control back: what fails then as well proves nothing.

Each outcome is written to `.mutation.json` at once, and the next run goes on from there. What was caught holds as long
as the control, its file and its tests are what they were; everything else is tried again.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from queue import SimpleQueue

from tests.security.controls import CONTROLS, Control

ROOT = Path(__file__).parents[2]
OUTCOMES = ROOT / ".mutation.json"
COPIED = ("src", "connectors", "knowledge", "tests", "infra", "docs", "pyproject.toml", ".env.example", "README.md")
PACKAGES = {"helpdesk_bot": "src", "knowledge": ".", "connectors": "."}
TIMEOUT_S = 400

CAUGHT, SURVIVED = "caught", "SURVIVED"
NO_END = "NO END"
"""For which a slow machine can be the reason."""
UNPROVED = "UNPROVED"
"""What fails without the control fails with it too."""

FAILED = 1
"""pytest's exit code where tests ran and some failed: anything else is a fault of this script or of an entry."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    verdict: str
    test: str = ""
    """The one that failed first."""
    reason: str = ""
    took_s: float = 0
    digest: str = ""
    """Of the control, its file and its tests."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="controls whose name holds this")
    parser.add_argument("--at-once", type=int, default=2, help="copies that are worked on at the same time")
    parser.add_argument("--afresh", action="store_true", help="forget what earlier runs found")
    chosen = parser.parse_args(arguments)
    controls = [control for control in CONTROLS if chosen.only in control.name]
    outcomes = {} if chosen.afresh else caught_before()
    left = [control for control in controls if control.name not in outcomes]
    print(f"{len(controls) - len(left)} of {len(controls)} were caught in earlier runs", flush=True)
    for control, outcome in try_all(left, at_once=chosen.at_once):
        outcomes[control.name] = outcome
        OUTCOMES.write_text(
            json.dumps({name: asdict(one) for name, one in outcomes.items()}, indent=1), encoding="utf-8"
        )
        tried = sum(one.name in outcomes for one in controls)
        print(f"[{tried}/{len(controls)}] {outcome.verdict}: {control.name} ({outcome.took_s:.0f} s)", flush=True)
        print(f"    {outcome.test}: {outcome.reason}", flush=True)
    missed = [control for control in controls if outcomes[control.name].verdict != CAUGHT]
    print(f"{len(controls) - len(missed)} of {len(controls)} caught")
    for control in missed:
        print(f"{outcomes[control.name].verdict}: {control.name} ({control.file})")
    return 1 if missed else 0


def caught_before() -> dict[str, Outcome]:
    """Of the controls that are as they were then, with their files and tests."""
    if not OUTCOMES.exists():
        return {}
    known = {name: Outcome(**one) for name, one in json.loads(OUTCOMES.read_text(encoding="utf-8")).items()}
    now = {control.name: digest(control) for control in CONTROLS}
    return {name: one for name, one in known.items() if one.verdict == CAUGHT and one.digest == now.get(name)}


def digest(control: Control) -> str:
    files = dict.fromkeys((control.file, *(test.partition("::")[0] for test in control.tests)))
    parts = (repr(control).encode(), *((ROOT / file).read_bytes() for file in files))
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def try_all(controls: Sequence[Control], *, at_once: int) -> Iterator[tuple[Control, Outcome]]:
    """Each as soon as it was tried."""
    copies = SimpleQueue[Copy]()
    digests = {control.name: digest(control) for control in controls}

    def try_in_any(control: Control) -> Outcome:
        copy = copies.get()
        try:
            return replace(copy.try_without(control), digest=digests[control.name])
        finally:
            copies.put(copy)

    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        for number in range(min(at_once, len(controls))):
            copies.put(Copy(Path(folder) / str(number)))
        pool = ThreadPoolExecutor(at_once)
        try:
            trials = {pool.submit(try_in_any, control): control for control in controls}
            for done in as_completed(trials):
                yield trials[done], done.result()
        finally:
            pool.shutdown(cancel_futures=True)


class Copy:
    """The source in a folder of its own, and an environment that runs it.

    Python takes a compiled module for current by the second and the size of its source. A run of tests takes longer
    than that second, so none is used that was compiled from what the file held before.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(
                    ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
                )
            else:
                shutil.copy(ROOT / name, folder / name)
        self._folder = folder
        self._python = str(folder / ".venv" / "bin" / "python")
        self._make_environment()

    def _make_environment(self) -> None:
        """Raises `CalledProcessError` where even an isolated process would run other source than the copy's."""
        venv.create(self._folder / ".venv", symlinks=True)
        installed = self._run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
        paths = (self._folder / "src", self._folder, sysconfig.get_path("purelib"))
        Path(installed.stdout.strip(), "copy.pth").write_text("\n".join(map(str, paths)), encoding="utf-8")
        for package, where in PACKAGES.items():
            held = self._folder / where / package
            code = f"import os, {package} as found; assert os.path.samefile(found.__path__[0], {str(held)!r})"
            self._run("-I", "-c", code).check_returncode()

    def try_without(self, control: Control) -> Outcome:
        began = time.monotonic()
        file = self._folder / control.file
        before = file.read_text(encoding="utf-8")
        try:
            file.write_text(taken_away(control, before), encoding="utf-8")
            without = self._run_tests("--cache-clear", *control.tests)
            file.write_text(before, encoding="utf-8")
            again = self._run_tests("--last-failed", "--last-failed-no-failures=none", *control.tests)
        except subprocess.TimeoutExpired:
            return Outcome(verdict=NO_END, took_s=time.monotonic() - began)
        finally:
            file.write_text(before, encoding="utf-8")
        lines = without.stdout.strip().splitlines()
        failed = next((line for line in lines if line.startswith(("FAILED ", "ERROR "))), "").partition(" ")[2]
        test, _, reason = failed.partition(" - ")
        return Outcome(
            verdict=_verdict(without, again),
            test=test,
            reason=reason or (lines or [without.stderr])[-1],
            took_s=time.monotonic() - began,
        )

    def _run_tests(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self._run("-m", "pytest", "-q", "-x", "-p", "no:randomly", "-n", "0", *words)

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self._python, *words],
            cwd=self._folder,
            env={**os.environ, "PYTHONPATH": "", "COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )


def _verdict(without: subprocess.CompletedProcess[str], again: subprocess.CompletedProcess[str]) -> str:
    if without.returncode != FAILED:
        return SURVIVED
    if "from pytest-timeout" in without.stdout:
        return NO_END
    return UNPROVED if again.returncode else CAUGHT


def taken_away(control: Control, text: str) -> str:
    """Raises `ValueError` where the piece is not there, or more than once."""
    if text.count(control.old) != 1:
        raise ValueError(f"{control.name}: {control.file} holds its piece {text.count(control.old)} times, not once")
    return text.replace(control.old, control.new)


if __name__ == "__main__":
    sys.exit(main())

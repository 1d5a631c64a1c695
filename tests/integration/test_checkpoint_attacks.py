"""A checkpoint that somebody wrote into the database runs nothing when it is read."""

import json
import pickle
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import ormsgpack
import pytest
from langgraph.checkpoint.serde.base import SerializerProtocol

from helpdesk_bot.agent.history import open_history

TARGETS: dict[str, tuple[tuple[str, str], Callable[[str], list[Any]]]] = {
    "a command": (("os", "system"), lambda mark: [f"touch {mark}"]),
    "a process": (("subprocess", "Popen"), lambda mark: [["touch", mark]]),
    "a run process": (("subprocess", "run"), lambda mark: [["touch", mark]]),
    "a checked process": (("subprocess", "check_output"), lambda mark: [["touch", mark]]),
    "a call": (("subprocess", "call"), lambda mark: [["touch", mark]]),
    "an expression": (("builtins", "eval"), lambda mark: [f"open({mark!r}, 'w').close()"]),
    "a statement": (("builtins", "exec"), lambda mark: [f"open({mark!r}, 'w').close()"]),
    "an opened file": (("builtins", "open"), lambda mark: [mark, "w"]),
    "an opened file of io": (("io", "open"), lambda mark: [mark, "w"]),
    "a new folder": (("os", "mkdir"), lambda mark: [mark]),
    "new folders": (("os", "makedirs"), lambda mark: [mark]),
    "a shell": (("os", "popen"), lambda mark: [f"touch {mark}"]),
    "a copy": (("shutil", "copy"), lambda mark: [__file__, mark]),
    "a link": (("os", "symlink"), lambda mark: [__file__, mark]),
    "a log file": (("logging", "FileHandler"), lambda mark: [mark]),
}


class Calls:
    """Pickled as a call."""

    def __init__(self, target: tuple[str, str], arguments: list[Any]) -> None:
        self._target = target
        self._arguments = arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        import importlib

        module, name = self._target
        return getattr(importlib.import_module(module), name), tuple(self._arguments)


def as_constructor(target: tuple[str, str], arguments: list[Any]) -> tuple[str, bytes]:
    """LangChain's way to write an object, in the version that takes any class."""
    module, name = target
    return "json", json.dumps(
        {"lc": 2, "type": "constructor", "id": [*module.split("."), name], "args": arguments, "kwargs": {}}
    ).encode()


def as_old_constructor(target: tuple[str, str], arguments: list[Any]) -> tuple[str, bytes]:
    module, name = target
    said = {"lc": 1, "type": "constructor", "id": [module, name], "args": arguments, "kwargs": {"args": arguments}}
    return "json", json.dumps({"turns": [said, "half a pair \ud83d"]}).encode()


def as_extension(target: tuple[str, str], arguments: list[Any]) -> tuple[str, bytes]:
    """LangGraph's own extension of msgpack: a class with its arguments."""
    module, name = target
    packed = ormsgpack.packb((module, name, arguments))
    return "msgpack", ormsgpack.packb({"turns": ormsgpack.Ext(1, packed)})


def as_pickle(target: tuple[str, str], arguments: list[Any]) -> tuple[str, bytes]:
    return "pickle", pickle.dumps(Calls(target, arguments))


ENCODINGS = (as_constructor, as_old_constructor, as_extension, as_pickle)


@pytest.fixture
async def serde(database_url: str) -> AsyncIterator[SerializerProtocol]:
    async with open_history(database_url) as history:
        yield history.serde


async def test_none_of_sixty_checkpoints_runs_anything(serde: SerializerProtocol, tmp_path: Path) -> None:
    assert len(TARGETS) * len(ENCODINGS) == 60
    for number, (name, (target, arguments)) in enumerate(TARGETS.items()):
        for encode in ENCODINGS:
            mark = tmp_path / f"{number}-{encode.__name__}"
            with suppress(NotImplementedError, ValueError):
                serde.loads_typed(encode(target, arguments(str(mark))))
            assert not mark.exists(), (name, encode.__name__)


def test_these_checkpoints_would_run_if_anybody_let_them(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    pickle.loads(as_pickle(("os", "mkdir"), [str(mark)])[1])
    assert mark.exists()

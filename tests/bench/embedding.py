"""The embedded default and one of its models, beside the plain way to run that: text by text, onnxruntime as it comes.

    python -m tests.bench.embedding [--texts 200]

Each contender runs in a process of its own, so that their memory can be told apart.
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import open_embedder
from knowledge.embedding.minilm import MODEL_FILE, TOKENIZER_FILE

Embed = Callable[[Sequence[str]], Awaitable[NDArray[np.float32]]]

QUESTIONS = 40


def passages(count: int) -> list[str]:
    """Passages of 20 to 160 made-up words of two syllables, about two tokens each."""
    chance = random.Random(7)
    words = [a + b for a in ("pri", "ser", "net", "log", "mail", "key") for b in ("nter", "ver", "work", "in", "box")]
    return [" ".join(chance.choices(words, k=chance.randint(20, 160))) for _ in range(count)]


def open_both() -> Embed:
    return open_embedder().embed


def open_minilm() -> Embed:
    return open_embedder("embedded:minilm").embed


def open_plain() -> Embed:
    import onnxruntime
    from tokenizers import Tokenizer

    session = onnxruntime.InferenceSession(str(MODEL_FILE.locate()))
    tokenizer = Tokenizer.from_file(str(TOKENIZER_FILE.locate()))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)

    def vector(text: str) -> NDArray[np.float32]:
        ids = np.array([tokenizer.encode(text).ids])
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        mean = session.run(None, feed)[0][0].mean(axis=0)
        return mean / np.linalg.norm(mean)

    async def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([await asyncio.to_thread(vector, text) for text in texts])

    return embed


CONTENDERS = {"both": open_both, "minilm": open_minilm, "plain": open_plain}


async def measure(contender: str, texts: Sequence[str]) -> dict[str, Any]:
    started = time.perf_counter()
    embed = CONTENDERS[contender]()
    load_s = time.perf_counter() - started
    await embed(texts[:4])
    idle = await ask(embed, QUESTIONS)
    started = time.perf_counter()
    job = asyncio.create_task(embed(texts))
    busy = await ask(embed, QUESTIONS, while_running=job)
    vectors = await job
    return {
        "load s": load_s,
        "passages/s": len(texts) / (time.perf_counter() - started),
        "question ms": 1000 * float(np.median(idle)),
        "question ms, p95": 1000 * float(np.quantile(idle, 0.95)),
        "question ms beside a job": 1000 * float(np.median(busy)),
        "question ms beside a job, p95": 1000 * float(np.quantile(busy, 0.95)),
        "peak memory MB": peak_memory_mb(),
        "vectors": vectors.tolist(),
    }


async def ask(embed: Embed, times: int, *, while_running: asyncio.Task[Any] | None = None) -> list[float]:
    """Seconds of questions, one after another, a few times a second beside a job and as long as it runs."""
    took: list[float] = []
    for number in range(times):
        if while_running:
            await asyncio.sleep(0.2)
            if while_running.done():
                break
        started = time.perf_counter()
        await embed([f"How do I reset the password of printer {number}?"])
        took.append(time.perf_counter() - started)
    return took


def peak_memory_mb() -> float:
    """Linux: of this process since it began."""
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def run_apart(contender: str, count: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.embedding", "--texts", str(count), "--contender", contender]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.contender:
        print(json.dumps(asyncio.run(measure(arguments.contender, passages(arguments.texts)))))
        return
    both, minilm, plain = (run_apart(contender, arguments.texts) for contender in CONTENDERS)
    both.pop("vectors")
    cosines = (np.array(minilm.pop("vectors")) * np.array(plain.pop("vectors"))).sum(axis=1)
    print(f"{'':32}{'default':>10}{'minilm':>10}{'plain':>10}{'minilm / plain':>16}")
    for name, value in minilm.items():
        print(f"{name:32}{both[name]:10.1f}{value:10.1f}{plain[name]:10.1f}{value / plain[name]:16.2f}")
    print(f"least cosine between the last two: {cosines.min():.6f}")


if __name__ == "__main__":
    main()

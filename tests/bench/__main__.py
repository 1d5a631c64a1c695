"""`make bench`: every benchmark that needs no data of its own."""

import sys

from tests.bench import acknowledgement, cache, embedding, first_words, resync, search, start, writing

for benchmark in (embedding, search, writing, resync, acknowledgement, first_words, cache, start):
    name = benchmark.__name__.rpartition(".")[2]
    print(f"\n== {name} ==", flush=True)
    sys.argv = [name]
    benchmark.main()

"""`make bench`: every benchmark that needs no data of its own."""

import sys

from tests.bench import acknowledgement, embedding, search, writing

for benchmark in (embedding, search, writing, acknowledgement):
    name = benchmark.__name__.rpartition(".")[2]
    print(f"\n== {name} ==", flush=True)
    sys.argv = [name]
    benchmark.main()

"""LangChain's PGVectorStore searches: `search.py DSN FILE`, with what the file names. Prints JSON.

The file is one JSON object: `vectors` (questions), `shares` (name to the access ids that may be read), `limit`. The
table `peer_chunks` is there already, filled and indexed.
"""

import json
import statistics
import sys
import time
from pathlib import Path

from free_embeddings import FreeEmbeddings
from langchain_postgres import PGEngine, PGVectorStore
from langchain_postgres.v2.indexes import DistanceStrategy, HNSWQueryOptions


def main() -> None:
    dsn, file = sys.argv[1], sys.argv[2]
    asked = json.loads(Path(file).read_text(encoding="utf-8"))
    store = PGVectorStore.create_sync(
        PGEngine.from_connection_string(dsn),
        FreeEmbeddings(),
        "peer_chunks",
        metadata_columns=["access_id"],
        distance_strategy=DistanceStrategy.COSINE_DISTANCE,
        index_query_options=HNSWQueryOptions(ef_search=200),
    )
    print(json.dumps({share: time_each(store, asked, ids) for share, ids in asked["shares"].items()}))


def time_each(store: PGVectorStore, asked: dict[str, object], ids: list[int]) -> dict[str, object]:
    vectors, limit = asked["vectors"], asked["limit"]
    permitted = {"access_id": {"$in": ids}}
    took, found = [], []
    for number, vector in enumerate([*vectors, *vectors]):  # all once before: as a server is after a morning
        began = time.perf_counter()
        documents = store.similarity_search_by_vector(vector, k=limit, filter=permitted)
        if number >= len(vectors):
            took.append(1_000 * (time.perf_counter() - began))
            found.append([document.page_content.split(" ", 1)[0] for document in documents])
    cuts = statistics.quantiles(took, n=20)
    return {"p50_ms": statistics.median(took), "p95_ms": cuts[18], "found": found}


if __name__ == "__main__":
    main()

"""LangChain's PGVectorStore takes in texts: `add_texts.py DSN FILE BATCH`, one JSON string a line. Prints JSON."""

import json
import sys
import time
from pathlib import Path

from free_embeddings import DIMENSION, FreeEmbeddings
from langchain_postgres import PGEngine, PGVectorStore


def main() -> None:
    dsn, file, batch = sys.argv[1], sys.argv[2], int(sys.argv[3])
    texts = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
    engine = PGEngine.from_connection_string(dsn)
    engine.init_vectorstore_table("peer_chunks", DIMENSION, overwrite_existing=True)
    embeddings = FreeEmbeddings()
    store = PGVectorStore.create_sync(engine, embeddings, "peer_chunks")
    embeddings.embed_documents(texts[:10])
    began = time.monotonic()
    for start in range(0, len(texts), batch):
        store.add_texts(texts[start : start + batch])
    print(json.dumps({"chunks": len(texts), "took_s": round(time.monotonic() - began, 3)}))


if __name__ == "__main__":
    main()

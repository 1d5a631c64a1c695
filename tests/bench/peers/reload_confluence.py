"""A full re-sync the usual way: LangChain's ConfluenceLoader into its PGVectorStore.

`reload_confluence.py BASE_URL EMAIL TOKEN SPACE DSN`, with embeddings that cost nothing. Without rights, deletions or
increments, which the loader does not have: everything is loaded, cut and written anew. Prints one JSON object.
"""

import json
import resource
import sys
import time
import warnings

warnings.simplefilter("ignore", DeprecationWarning)

from free_embeddings import DIMENSION, FreeEmbeddings  # noqa: E402
from langchain_community.document_loaders import ConfluenceLoader  # noqa: E402
from langchain_postgres import PGEngine, PGVectorStore  # noqa: E402
from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: E402

BATCH = 500
CHUNK_CHARACTERS = 1_000
"""About 220 tokens, which is what ours has."""


def main() -> None:
    base_url, email, token, space, dsn = sys.argv[1:6]
    began = time.monotonic()
    loader = ConfluenceLoader(
        base_url,
        username=email,
        api_key=token,
        space_key=space,
        max_pages=1_000_000,  # the default stops at 1,000, without a word
        limit=100,
        include_restricted_content=True,  # the default asks for each page's own restrictions: a request a page
    )
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK_CHARACTERS, chunk_overlap=0)
    chunks = splitter.split_documents(loader.load())
    engine = PGEngine.from_connection_string(dsn)
    engine.init_vectorstore_table("peer_pages", DIMENSION, overwrite_existing=True)
    embeddings = FreeEmbeddings()
    store = PGVectorStore.create_sync(engine, embeddings, "peer_pages")
    for start in range(0, len(chunks), BATCH):
        store.add_documents(chunks[start : start + BATCH])
    took_s = round(time.monotonic() - began, 2)
    peak_mib = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps({"chunks": len(chunks), "embedded": embeddings.embedded, "took_s": took_s, "peak_mib": peak_mib}))


if __name__ == "__main__":
    main()

"""The knowledge base: documents as chunks in Postgres, found again by meaning and by word, by those who may read them.

It knows Postgres, chunks, embeddings, access, search and sync. It knows nothing of chat platforms or language models.
"""

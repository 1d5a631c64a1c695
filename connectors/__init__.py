"""Sources of knowledge. A connector here is a source of knowledge, never a chat platform.

A connector knows how to list what changed in a place and how to read one document with its access rule.
It knows nothing of Postgres, embeddings, chat or models.

To add one: a class that fits `connectors.source.Source`, a function in `helpdesk_bot/app/sources.py`, and a strict fake
with its name in `tests/integration/test_source_contract.py`, which then runs the whole contract over it.
"""

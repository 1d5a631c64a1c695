"""Sources of knowledge. A connector here is a source of knowledge, never a chat platform.

A connector knows how to list what changed in a place and how to read one document with its access rule.
It knows nothing of Postgres, embeddings, chat or models.

To add one: a file with a class that fits `connectors.source.Source`, and one line in `helpdesk_bot/app.py`.
The contract test in `tests/integration/test_source_contract.py` picks it up from there.
"""

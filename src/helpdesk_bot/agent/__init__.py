"""Makes a decision of a question: read, retrieve, weigh the evidence, compose, check. Read `graph.py` first.

The agent decides and says what it decided; posting and escalating is the desk's work. It works without any model: the
extractive composer quotes, and every model has it to fall back on.
"""

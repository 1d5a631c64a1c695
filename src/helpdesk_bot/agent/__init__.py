"""Makes a decision of a question: read, retrieve, weigh the evidence, compose, check. Read `graph.py` first.

The agent decides and says what it decided; posting and escalating is the desk's work. It works without any model: the
extractive composer quotes, and every model has it to fall back on.

    nodes/     what a run does, step by step, with edges between them
    message/   what a message is
    question/  what it asks
    evidence   whether it can be answered; unheard: what it names that no document does
    quoting/   an answer in the documents' words
    wording/   an answer in a model's words
    tooling/   tools

`state.py` is what a run knows, `parts.py` what it is made of, `asked.py` what it is given.
"""

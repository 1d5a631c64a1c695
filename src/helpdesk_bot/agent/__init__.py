"""Makes a decision of a question: read, retrieve, weigh the evidence, compose, check. Read `graph.py` first.

The agent decides and says what it decided; posting and escalating is the desk's work. It works without any model: the
extractive composer quotes, and every model has it to fall back on.

    the nodes of a run          reading  looking  using  writing  endings, with edges between them
    what a message is           route  danger  errands  unhelped  courtesy
    what it asks                standalone (by a model: rewrite)  thread  asking  several  clarify  translator
    whether it can be answered  evidence
    quoting, in extract         blocks  whole_lists  candidates  forms  contrasts  choice  repeats  lead
                                tables  labelled
    writing, in generate        structured  aloud  going_on
    tools                       choosing (by a model: tool_model)  asked_back  proposing
"""

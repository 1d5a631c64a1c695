"""The nodes of a run, in the order of `graph.py`: reading, looking, using, writing, endings."""

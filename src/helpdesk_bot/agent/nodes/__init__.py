"""The nodes of a run, in the order of `graph.py`: reading, looking, finding, weighing, using, writing, endings."""

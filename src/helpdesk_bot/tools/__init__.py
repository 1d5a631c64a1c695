"""What the agent can ask or tell other systems besides the knowledge.

A tool is an entry of the tools file. A kind of tool is a class that fits `tool.Tool`, with its entry in `file.py` and
its place in `toolbox.py` and `app/tools.py`; `checked.py` stands before every kind.
"""

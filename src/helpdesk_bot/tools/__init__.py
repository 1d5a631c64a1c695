"""What the agent can ask or tell other systems besides the knowledge.

A tool is one file and one line in `app/tools.py`; the contract test of `Tool` runs over every kind.
"""

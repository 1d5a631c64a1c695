"""An answer in a model's words. Read `generate.py` first; aloud shows of it what is checked, while it is written."""

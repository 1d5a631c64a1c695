"""An answer in the documents' own words. Read `extract.py` first.

cut into pieces      blocks  tables  labelled
weighed              candidates  forms  lead
chosen and arranged  choice  repeats  whole_lists
"""

"""What comes in and what goes out: questions, passages and answers are cleaned and checked by code, never by a model.

Everything here is a pure function from text to text and verdicts. What holds with a model that obeys an attacker
holds with every model: it can't make a link, a mention or an image, because none leaves this room.
"""

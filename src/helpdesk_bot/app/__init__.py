"""The composition root: the one room that knows every class.

    settings => knowledge (with its sources) => agent => chats => desk => App => web, worker, scheduler

A new source is a few lines in `sources`, a new platform a few in `chats`.
"""

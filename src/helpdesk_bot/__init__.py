"""A chat-ops bot and knowledge assistant: answers with citations, or brings in a person."""

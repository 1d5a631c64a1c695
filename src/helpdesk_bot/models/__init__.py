"""Chat models: opening one by its name and asking it within a deadline. `BaseChatModel` is the port."""

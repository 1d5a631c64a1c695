"""What tools are asked, and what they would change: choosing (by a model: tool_model), asked_back, proposing."""

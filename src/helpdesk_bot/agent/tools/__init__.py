"""What the agent can look up besides the knowledge: live state of services."""

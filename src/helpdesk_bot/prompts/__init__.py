"""What models are told: one Markdown file a prompt, its number in the header, read by `catalog`."""

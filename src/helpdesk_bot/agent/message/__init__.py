"""What a message is, before it is taken for a question: a greeting, an errand, a cry for help, a complaint."""

"""What is asked: without its thread, as one question or several, in which language, about which of two things.

standalone (by a model: rewrite)  thread  asking  several  contrasts  clarify  translator
"""

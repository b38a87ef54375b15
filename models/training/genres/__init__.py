"""The genre model: recordings, streams of tokens, learning, scoring."""

"""The action model: skeletons, drawn motion, cameras, streams, learning, scoring."""

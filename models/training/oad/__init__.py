"""Online action detection on features: data, learning, evaluation, the paper's tables."""

"""The Continual Transformer: attention that steps, its rings, encoder, classifier and costs."""

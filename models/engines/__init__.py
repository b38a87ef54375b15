"""What runs a model: engines that step, the exported graph, and the benchmark that compares them."""

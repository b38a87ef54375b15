"""Training and scoring: what the tasks share here, a folder for each task."""

"""The paper's presets and published costs, the non-continual OadTR, and the authors' library."""

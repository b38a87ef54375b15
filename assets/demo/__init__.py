"""The parts of the demo clip: how the figure moves, how it is drawn, and the music it moves to."""

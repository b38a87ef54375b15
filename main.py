"""Continual Live: ``python main.py`` opens the window, ``python main.py --help`` lists what else there is."""

import sys

from app.__main__ import main

if __name__ == "__main__":
    sys.exit(main())

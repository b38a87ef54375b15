"""Continual Live: ``python main.py`` opens the window, ``python main.py --help`` lists what else there is."""

import sys

# On Windows torch's libraries fail to load after Qt's, so torch comes first.  `doctor` works without it.
try:
    import torch  # noqa: F401
except (ImportError, OSError) as error:  # OSError: Windows, a library that torch needs is missing
    if sys.argv[1:] != ["doctor"]:
        sys.exit(f"PyTorch cannot be imported ({error}). `python main.py doctor` says how to mend it.")

from app.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""Where the frozen program starts: its own command line, or what it starts itself as a Python interpreter."""

from __future__ import annotations

import multiprocessing
import runpy
import sys


def interpret(arguments: list[str]) -> bool:
    """Run ``-m MODULE …`` or ``-c CODE …`` as Python would; whether they ask for it.

    The program and joblib start processes of their own by ``sys.executable``, which here is this program.
    """
    flags = iter(range(1, len(arguments)))
    for at in flags:
        if arguments[at] in ("-m", "-c"):
            what, sys.argv = arguments[at + 1], [arguments[0], *arguments[at + 2 :]]
            if arguments[at] == "-m":
                runpy.run_module(what, run_name="__main__", alter_sys=True)
            else:
                exec(what, {"__name__": "__main__"})
            return True
        if arguments[at] in ("-X", "-W"):
            next(flags, None)
        elif arguments[at] not in ("-B", "-E", "-I", "-O", "-OO", "-S", "-s", "-u"):
            break
    return False


if __name__ == "__main__":
    multiprocessing.freeze_support()
    if not interpret(sys.argv):
        from app.__main__ import main

        sys.exit(main())

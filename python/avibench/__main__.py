"""``python -m avibench``: the program, with the same arguments."""

import os
import subprocess
import sys

from avibench._program import ProgramNotFound, program_path


def main():
    """Becomes the program, or waits for it where a process cannot become another."""
    try:
        program = program_path()
    except ProgramNotFound as error:
        sys.exit(f"error: {error}")
    command = [program, *sys.argv[1:]]
    if os.name == "posix":
        os.execv(program, command)
    sys.exit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main()

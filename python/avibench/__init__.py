"""Results of avibench as frames of pandas or polars.

    import avibench
    rows = avibench.samples("my-model")      # one row a sample and mode
    numbers = avibench.report("my-model")    # one row a task, stage, level and Overall, with its interval

Both read what ``avibench score`` wrote; nothing is computed here. The program itself is
``avibench`` on the command line, or ``python -m avibench``.
"""

from avibench._frames import MissingResult, report, samples
from avibench._program import ProgramNotFound, program_path

__all__ = ["MissingResult", "ProgramNotFound", "program_path", "report", "samples"]

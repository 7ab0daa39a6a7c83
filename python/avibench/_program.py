"""Where the program is."""

import os
import shutil
import sys
import sysconfig


class ProgramNotFound(RuntimeError):
    """The program is in none of the places where pip puts programs."""


def program_path():
    """The path of the ``avibench`` program that was installed with this module.

    Looks where pip installs programs, for all and for one user, then on the PATH.
    """
    name = "avibench.exe" if os.name == "nt" else "avibench"
    places = [sysconfig.get_path("scripts")]
    user_scheme = sysconfig.get_preferred_scheme("user") if sys.version_info >= (3, 10) else f"{os.name}_user"
    places.append(sysconfig.get_path("scripts", scheme=user_scheme))
    # With `pip install --target FOLDER`, programs lie in FOLDER/bin.
    package = os.path.dirname(os.path.abspath(__file__))
    places.append(os.path.join(os.path.dirname(package), "bin"))
    for place in places:
        path = os.path.join(place, name)
        if os.path.isfile(path):
            return path
    found = shutil.which(name)
    if found is None:
        raise ProgramNotFound(
            "the avibench program is neither in " + ", ".join(places) + " nor on the PATH; "
            "install the wheel again: pip install --force-reinstall avibench"
        )
    return found

"""Writes expected.json: what Python itself makes of definitions.py. Run it after changing that file.

`null` stands for a piece at which a program that looks keys up in a dict and asks whether `'cls'`
is in the value would stop.
"""

import json
import pathlib

here = pathlib.Path(__file__).parent
names = {"__name__": "definitions", "__file__": "definitions.py"}
exec(compile((here / "definitions.py").read_text(), "definitions.py", "exec"), names)
CONSTANTS = names["havib_constants"]


def piece(folder, key, write):
    try:
        value = None if key is None else CONSTANTS[folder].get(key, key)
        return "" if value is None else write(value)
    except TypeError:
        return None


def options(value):
    noun = "semantic categories" if "cls" in value else "options"
    return f"Available {noun} are: {value}"


def table(folder, keys):
    return {
        "folder": folder,
        "keys": [
            {"key": key, "prompt": piece(folder, key, str), "options": piece(folder, key, options),
             "leaked": key is not None and not isinstance(key, (list, dict))
             and key not in CONSTANTS[folder]}
            for key in keys
        ],
    }


texts = ["What is heard?", "", None, 5, 2.5, True, ["a"], {"b": None}, "None"]
tables = [
    table("AVM", [None, *(key for key in CONSTANTS["AVM"]), "", "unresolved", "my_cls_key", "cls",
                  "prompt_elsewhere", "prompt_avm ", 7, 5.0, 2.5, True, False, [], ["cls"], {},
                  {"cls": 1}, "prompt_whole", "prompt_local", "prompt_main"]),
    table("VSQA_I", ["prompt_half", "prompt_whole", "prompt_shared"]),
    table("VSQA_V", ["prompt_half", None]),
    table("AVL", ["prompt_avl", "avl_cls_list", "avl_cls_other"]),
]
cases = {"tables": tables, "texts": [[text, str(text)] for text in texts]}
(here / "expected.json").write_text(json.dumps(cases, indent=1, ensure_ascii=False) + "\n")

"""What questions are made of."""
import os

NAMES = ["dog", "violin"]
LETTERS = {i: chr(65 + i) for i in range(4)}
base_text = "Choose from {}.".format(", ".join(NAMES))
havib_constants = {
    "AVM": {"avm_question": "Do they match? " + base_text, "n": 2 * 3},
    "VSQA_V": {"vsqa_options": ["A. one", "B. two"], "long": "-" * 20, "f": f"{len(NAMES)} names"},
    "AVL": {"avl_text": "Give %s boxes as %r" % ("the", [0, 1]), "up": "give".upper().replace("I", "A")},
}
if os.environ.get("AVIBENCH"):
    havib_constants["AVM"]["avm_question"] = "?"

"""The table of docs/engine-parity.md from the differences that the parity tests wrote.

    python3 table.py DIFFERENCES

DIFFERENCES: lines of fixture, test, what was compared, largest absolute difference, by tabs. Needs nothing but Python.
"""

import sys

COLUMNS = [
    ("logits", "logitsOfARectangularBatch", ""),
    ("left-padded batch", "logitsOfUnequalRows", ""),
    ("other configurations", "logitsUnderAnotherConfiguration", ""),
    ("hidden states", "hiddenStatesAndAttentionMaps", "hidden"),
    ("attention maps", "hiddenStatesAndAttentionMaps", "attention"),
    ("weight gradients", "lossAndGradientsOfAllWeights", ""),
    ("input embeddings' gradient", "gradientOfTheInputEmbeddings", ""),
    ("soft prompt's logits", "softPromptLogitsAndGradient", "row"),
    ("soft prompt's gradient", "softPromptLogitsAndGradient", "soft"),
    ("two AdamW steps", "twoAdamWSteps", ""),
]


def main(path):
    worst = {}
    with open(path) as lines:
        for line in lines:
            fixture, test, what, difference = line.rstrip("\n").split("\t")
            row = worst.setdefault(fixture, {})
            for name, of, start in COLUMNS:
                if test == of and what.startswith(start):
                    row[name] = max(row.get(name, 0.0), float(difference))
    names = [name for name, _, _ in COLUMNS]
    print("| fixture | " + " | ".join(names) + " |")
    print("| --- " * (len(names) + 1) + "|")
    for fixture, row in worst.items():
        if names[0] in row:
            print("| " + fixture + " | " + " | ".join(f"{row[name]:.1e}".replace("e-0", "e-") for name in names) + " |")


main(sys.argv[1])

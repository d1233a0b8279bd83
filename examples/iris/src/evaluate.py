"""Measures a model on rows that it has not seen:
python3 src/evaluate.py --model model.json --data holdout.csv --out metrics.json"""

import argparse
import json

import classifier


def evaluate(model, rows):
    """Accuracy, and accuracy for each species."""
    hits = {}
    for features, label in rows:
        hits.setdefault(label, []).append(classifier.predict(model, features) == label)
    every = [hit for outcomes in hits.values() for hit in outcomes]
    metrics = {"accuracy": sum(every) / len(every), "rows": len(every)}
    for label, outcomes in sorted(hits.items()):
        metrics[f"accuracy.by.species.{label}"] = sum(outcomes) / len(outcomes)
    return metrics


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    metrics = evaluate(classifier.load(options.model), classifier.read_rows(options.data))
    with open(options.out, "w", encoding="utf-8") as file:
        json.dump(metrics, file, indent=1, sort_keys=True)
        file.write("\n")
    print(f"accuracy {metrics['accuracy']:.3f} on {metrics['rows']} rows")


if __name__ == "__main__":
    main()

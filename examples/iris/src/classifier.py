"""Linear discriminant analysis, as Fisher did it with these flowers, on the standard library alone."""

import csv
import json
import math

FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
LABEL = "species"
# Added to each variance, so that a constant feature leaves the covariance invertible.
VARIANCE_FLOOR = 1e-6


def read_rows(path):
    """Rows of a CSV file as (features, label)."""
    with open(path, newline="", encoding="utf-8") as file:
        return [([float(row[name]) for name in FEATURES], row[LABEL]) for row in csv.DictReader(file)]


def fit(rows):
    """The model: for each class a linear score, from the class means and the covariance that all classes share."""
    if not rows:
        raise ValueError("no rows to train on")
    classes = {}
    for features, label in rows:
        classes.setdefault(label, []).append(features)
    means = {label: [sum(column) / len(column) for column in zip(*members)] for label, members in classes.items()}
    covariance = pooled_covariance(classes, means, len(rows))
    model = {"features": list(FEATURES), "classes": {}}
    for label in sorted(classes):
        weights = solve(covariance, means[label])
        half = sum(weight * mean for weight, mean in zip(weights, means[label])) / 2
        prior = len(classes[label]) / len(rows)
        model["classes"][label] = {"weights": weights, "bias": math.log(prior) - half}
    return model


def pooled_covariance(classes, means, count):
    """How features vary together around the means of their classes."""
    size = len(FEATURES)
    total = [[0.0] * size for _ in range(size)]
    for label, members in classes.items():
        for features in members:
            distances = [value - mean for value, mean in zip(features, means[label])]
            for i in range(size):
                for j in range(size):
                    total[i][j] += distances[i] * distances[j]
    return [
        [value / count + (VARIANCE_FLOOR if i == j else 0) for j, value in enumerate(row)]
        for i, row in enumerate(total)
    ]


def solve(matrix, right):
    """The x of matrix * x = right, by elimination with pivots."""
    rows = [list(row) + [value] for row, value in zip(matrix, right)]
    size = len(rows)
    for i in range(size):
        pivot = max(range(i, size), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(i + 1, size):
            factor = rows[k][i] / rows[i][i]
            rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i])]
    solution = [0.0] * size
    for i in reversed(range(size)):
        known = sum(rows[i][k] * solution[k] for k in range(i + 1, size))
        solution[i] = (rows[i][size] - known) / rows[i][i]
    return solution


def predict(model, features):
    """The class with the highest score."""

    def score(parameters):
        return parameters["bias"] + sum(w * x for w, x in zip(parameters["weights"], features))

    return max(sorted(model["classes"]), key=lambda label: score(model["classes"][label]))


def save(model, path):
    """Writes the model as JSON, the same bytes for the same model."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(model, file, indent=1, sort_keys=True)
        file.write("\n")


def load(path):
    """Reads what save wrote."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)

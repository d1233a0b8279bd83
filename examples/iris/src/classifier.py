"""A Gaussian naive Bayes classifier on the standard library alone."""

import csv
import json
import math

FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
LABEL = "species"
# Added to each variance so that a constant feature does not divide by zero.
VARIANCE_FLOOR = 1e-9


def read_rows(path):
    """Rows of a CSV file as (features, label)."""
    with open(path, newline="", encoding="utf-8") as file:
        return [([float(row[name]) for name in FEATURES], row[LABEL]) for row in csv.DictReader(file)]


def fit(rows):
    """The model: prior, means and variances of each class."""
    if not rows:
        raise ValueError("no rows to train on")
    classes = {}
    for features, label in rows:
        classes.setdefault(label, []).append(features)
    model = {"features": list(FEATURES), "classes": {}}
    for label in sorted(classes):
        columns = list(zip(*classes[label]))
        means = [sum(column) / len(column) for column in columns]
        variances = [
            sum((value - mean) ** 2 for value in column) / len(column) + VARIANCE_FLOOR
            for column, mean in zip(columns, means)
        ]
        model["classes"][label] = {
            "prior": len(classes[label]) / len(rows),
            "means": means,
            "variances": variances,
        }
    return model


def predict(model, features):
    """The most likely class."""

    def log_likelihood(parameters):
        total = math.log(parameters["prior"])
        for value, mean, variance in zip(features, parameters["means"], parameters["variances"]):
            total -= 0.5 * math.log(2 * math.pi * variance) + (value - mean) ** 2 / (2 * variance)
        return total

    return max(sorted(model["classes"]), key=lambda label: log_likelihood(model["classes"][label]))


def save(model, path):
    """Writes the model as JSON, the same bytes for the same model."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(model, file, indent=1, sort_keys=True)
        file.write("\n")


def load(path):
    """Reads what save wrote."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)

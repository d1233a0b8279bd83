"""Trains the classifier: python3 src/train.py --data train.csv --out model.json"""

import argparse

import classifier


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    rows = classifier.read_rows(options.data)
    classifier.save(classifier.fit(rows), options.out)
    print(f"trained on {len(rows)} rows")


if __name__ == "__main__":
    main()

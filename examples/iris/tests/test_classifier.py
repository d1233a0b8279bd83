import json
import os
import sys
import tempfile
import threading
import unittest
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "src"))

import classifier  # noqa: E402
import evaluate  # noqa: E402
import serve  # noqa: E402

TWO_KINDS = [([1.0 + i / 10, 1.0, 1.0, 1.0], "small") for i in range(5)] + [
    ([9.0 + i / 10, 9.0, 9.0, 9.0], "large") for i in range(5)
]


class Classifier(unittest.TestCase):
    def test_tells_two_kinds_apart(self):
        model = classifier.fit(TWO_KINDS)
        self.assertEqual(classifier.predict(model, [1.2, 1, 1, 1]), "small")
        self.assertEqual(classifier.predict(model, [9.2, 9, 9, 9]), "large")

    def test_refuses_no_rows(self):
        with self.assertRaises(ValueError):
            classifier.fit([])

    def test_same_rows_same_bytes(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("a", "b")]
            for path in paths:
                classifier.save(classifier.fit(TWO_KINDS), path)
            with open(paths[0], "rb") as a, open(paths[1], "rb") as b:
                self.assertEqual(a.read(), b.read())

    def test_evaluates_each_class(self):
        metrics = evaluate.evaluate(classifier.fit(TWO_KINDS), TWO_KINDS)
        self.assertEqual(metrics["accuracy"], 1.0)
        self.assertEqual(metrics["accuracy.by.species.small"], 1.0)

    def test_reads_the_data(self):
        rows = classifier.read_rows(os.path.join(ROOT, "data", "iris.csv"))
        self.assertEqual(len(rows), 150)
        self.assertEqual(sorted({label for _, label in rows}), ["setosa", "versicolor", "virginica"])


class Service(unittest.TestCase):
    def setUp(self):
        rows = [(features, "setosa" if label == "small" else "virginica") for features, label in TWO_KINDS]
        self.server = serve.make_server(classifier.fit(rows), 0, "127.0.0.1")
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()

    def test_predicts(self):
        flower = {name: 1.0 for name in classifier.FEATURES}
        request = urllib.request.Request(self.url + "/predict", json.dumps(flower).encode(), method="POST")
        with urllib.request.urlopen(request) as response:
            self.assertEqual(json.load(response), {"species": "setosa"})

    def test_refuses_what_is_no_flower(self):
        for body in (b"{}", b"[]", b"not json", b'{"sepal_length": "x"}'):
            request = urllib.request.Request(self.url + "/predict", body, method="POST")
            with self.assertRaises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(request)
            self.assertEqual(caught.exception.code, 400)

    def test_is_healthy(self):
        with urllib.request.urlopen(self.url + "/healthz") as response:
            self.assertEqual(response.status, 200)


if __name__ == "__main__":
    unittest.main()

"""Sends a service requests: load.py PORT SHIFT COUNT. Flowers like those of the table, with petals longer by SHIFT."""

import csv
import http.client
import json
import random
import sys

port, shift, count = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
with open("data/iris.csv", newline="", encoding="utf-8") as file:
    flowers = list(csv.DictReader(file))
chance = random.Random(7)
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=240)
for i in range(count):
    flower = flowers[i % len(flowers)]
    body = {name: float(flower[name]) for name in flower if name not in ("id", "species")}
    body["petal_length"] = max(0, body["petal_length"] + shift + chance.uniform(-0.05, 0.05))
    body["customer"] = "somebody"
    connection.request("POST", "/predict", json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    data = json.loads(answer.read())
    if answer.status != 200 or "species" not in data:
        sys.exit(f"{answer.status} {data}")
print(f"{count} answers")

"""The suite of the data benchmark for `mlc data check`: suite.py write PROFILE prints it, suite.py figures RESULT reads the
JSON of a run and prints the figures by the names that data_bench and peer.py print."""
import json
import sys

COLUMNS = "id ts user_id country device amount score age email latency_ms is_member note".split()
NUMBERS = "amount score age latency_ms".split()
DISTINCT = "country device is_member user_id".split()
PATTERN = r"^[a-z0-9._]+@[a-z0-9.-]+\.(com|org|net|io)$"


def check(name, kind, column=None, **kwargs):
    """One expectation; `name` says which figure it gives."""
    return {"type": kind, "kwargs": {**({"column": column} if column else {}), **kwargs}, "meta": {"figure": name}}


def write(profile):
    amount, country = profile["amount"], profile["country"]
    allowed = [code for code in country if code not in ("XK", "ZZ")]
    checks = [check("rows", "rows", min_value=1)]
    checks += [check("null_" + c, "null_count", c, min_value=0) for c in COLUMNS]
    checks += [check("%s %d" % (c, i), kind, c, max_value=1e12) for c in NUMBERS
               for i, kind in enumerate("min max mean stdev".split())]
    checks += [check("distinct_" + c, "distinct_count", c, min_value=0) for c in DISTINCT + ["id"]]
    checks += [check("malformed", "expect_column_values_to_match_regex", "email", regex=PATTERN, mostly=0.9),
               check("outside", "in_set", "country", value_set=allowed, mostly=0.5),
               check("p95", "quantile", "latency_ms", quantile=0.95, min_value=0),
               check("max_ts", "max", "ts", min_value="2024-01-01"),
               check("psi_amount", "drift", "amount", measure="psi", max_value=10,
                     reference={"edges": amount["edges"], "weights": amount["share"]}),
               check("psi_country", "drift", "country", measure="psi", max_value=10,
                     reference={"values": list(country), "weights": list(country.values())})]
    print(json.dumps({"name": "bench", "expectations": checks}))


def figures(result):
    out, found = {"version": "suite"}, {r["meta"]["figure"]: r for r in result["results"]}
    for name, r in found.items():
        if "error" in r:
            sys.exit("%s: %s" % (name, r["error"]))
        if name in ("malformed", "outside"):
            out[name] = r["unexpected_count"]
        elif name.startswith("psi_"):
            out[name] = r["details"]["value"] if "value" in r.get("details", {}) else r["observed"]
        elif " " not in name:
            out[name] = r["observed"]
    for c in NUMBERS:
        out[c] = [found["%s %d" % (c, i)]["observed"] for i in range(4)]
    out["duplicates_id"] = out["rows"] - out["null_id"] - out.pop("distinct_id")
    bins = found["psi_amount"]["details"].get("bins", {})
    if "current" in bins:
        out["amount_bins"] = bins["current"]
    print(json.dumps(out))


{"write": write, "figures": figures}[sys.argv[1]](json.load(open(sys.argv[2])))

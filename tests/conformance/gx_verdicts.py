"""Runs Great Expectations suites on CSV files and compares with what mlc said.

usage: gx_verdicts.py run SUITE CSV RESULT ...     writes GE's results, one JSON record an expectation
       gx_verdicts.py compare GE.json MLC.json     prints each difference; exit 1 when there is one
"""

import json
import logging
import math
import os
import sys
import warnings

COUNTED = ("unexpected_count", "element_count")


def run(jobs):
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    os.environ["TQDM_DISABLE"] = "1"
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    import great_expectations as gx
    import pandas as pd
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("csv")
    for suite_file, csv, result_file in jobs:
        with open(suite_file, encoding="utf-8") as file:
            document = json.load(file)
        suite = gx.ExpectationSuite(name=result_file)
        for number, one in enumerate(document["expectations"]):
            meta = {**one.get("meta", {}), "number": number}
            suite.add_expectation(ExpectationConfiguration(**{**one, "meta": meta}).to_domain_obj())
        asset = source.add_dataframe_asset(name=result_file)
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": pd.read_csv(csv)})
        outcome = batch.validate(suite, result_format="COMPLETE").to_json_dict()
        found = sorted(outcome["results"], key=lambda r: r["expectation_config"]["meta"]["number"])
        with open(result_file, "w", encoding="utf-8") as file:
            json.dump([record(r) for r in found], file, default=lambda number: number.item())  # of numpy


def record(result):
    # one record of an exception, or one for each metric that raised it
    info = result.get("exception_info") or {}
    failed = info.get("raised_exception") or any(
        isinstance(e, dict) and e.get("raised_exception") for e in info.values()
    )
    return {
        "type": result["expectation_config"]["type"],
        "kwargs": result["expectation_config"]["kwargs"],
        "success": bool(result["success"]),
        "error": bool(failed),
        "observed_value": (result.get("result") or {}).get("observed_value"),
        **{key: (result.get("result") or {}).get(key) for key in COUNTED},
    }


def same(a, b):
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    return a == b


def differences(theirs, ours):
    """What an expectation's two results do not share."""
    if ours.get("success") is not theirs["success"]:
        yield "success", theirs["success"], ours.get("success")
    if theirs["error"] != (ours.get("status") == "error"):
        yield "error", theirs["error"], ours.get("status")
    for key, mine in (("observed_value", "observed"), *zip(COUNTED, COUNTED)):
        if theirs[key] is not None and not same(theirs[key], ours.get(mine)):
            yield key, theirs[key], ours.get(mine)


def compare(their_file, our_file):
    with open(their_file, encoding="utf-8") as a, open(our_file, encoding="utf-8") as b:
        theirs, ours = json.load(a), json.load(b)
    ours = ours["results"]
    bad = len(theirs) != len(ours)
    if bad:
        print(f"{len(theirs)} results there, {len(ours)} here")
    for number, (their, our) in enumerate(zip(theirs, ours)):
        for key, a, b in differences(their, our):
            bad = True
            print(f"{number} {their['type']} {json.dumps(their['kwargs'])}: {key}: {a} there, {b} here")
    failing = sum(not r["success"] for r in theirs)
    print(f"{len(theirs)} expectations, {failing} do not hold")
    return bad


if sys.argv[1] == "run":
    run([sys.argv[i : i + 3] for i in range(2, len(sys.argv), 3)])
else:
    sys.exit(compare(sys.argv[2], sys.argv[3]))

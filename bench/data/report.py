"""Times and figures of bench/data/run.sh: report.py FOLDER mlc PEER..."""
import json
import os
import sys

folder, names = sys.argv[1], sys.argv[2:]
times = {}
for line in open(os.path.join(folder, "times")):
    name, user, system, wall, resident = line.split()
    times.setdefault(name, []).append((float(user) + float(system), float(wall), int(resident)))
figures = {name: json.load(open(os.path.join(folder, name + ".json"))) for name in names}


def differs(a, b):
    if isinstance(a, list):
        return len(a) != len(b) or any(differs(x, y) for x, y in zip(a, b))
    if isinstance(a, str) or isinstance(b, str):
        return a != b
    return abs(a - b) > 1e-12 * max(abs(a), abs(b)) + (1e-15 if isinstance(a, float) else 0)


base = min(cpu for cpu, _, _ in times["mlc"])
print("%-8s %-12s %8s %8s %8s %8s  %s" % ("engine", "version", "CPU s", "wall s", "MB", "CPU/mlc", "figures"))
failed = False
for name in names:
    cpu = min(t[0] for t in times[name])
    wall = min(t[1] for t in times[name])
    resident = max(t[2] for t in times[name]) / 1024
    version = figures[name].pop("version", "")
    wrong = [key for key in figures["mlc"]
             if key in figures[name] and differs(figures["mlc"][key], figures[name][key])]
    missing = [key for key in figures["mlc"] if key not in figures[name]]
    failed |= bool(wrong or missing)
    verdict = "differ: " + ", ".join(wrong + missing) if wrong or missing else "equal"
    print("%-8s %-12s %8.2f %8.2f %8.0f %8.1f  %s" % (name, version, cpu, wall, resident, cpu / base, verdict))
sys.exit(failed)

"""Times and figures of bench/data/run.sh: report.py FOLDER OURS PEER... Fails when a figure differs from ours."""
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
    if isinstance(a, str) or isinstance(b, str) or a is None or b is None:
        return a != b
    return abs(a - b) > 1e-11 * max(abs(a), abs(b)) + (1e-13 if isinstance(a, float) else 0)


ours = names[0]
for each in figures.values():
    each.pop("version", None)
base = min(cpu for cpu, _, _ in times[ours])
print("  %-8s %8s %8s %8s %8s  %s" % ("", "CPU s", "wall s", "MB", "CPU/" + ours, "figures"))
failed = False
for name in names:
    cpu = min(t[0] for t in times[name])
    wall = min(t[1] for t in times[name])
    resident = max(t[2] for t in times[name]) / 1024
    wrong = [key for key in figures[ours]
             if key in figures[name] and differs(figures[ours][key], figures[name][key])]
    missing = [key for key in figures[ours] if key not in figures[name]]
    failed |= bool(wrong or missing)
    bad = wrong + missing
    verdict = "%d differ: %s" % (len(bad), ", ".join(bad[:8])) if bad else "%d equal" % len(figures[ours])
    print("  %-8s %8.2f %8.2f %8.0f %8.1f  %s" % (name, cpu, wall, resident, cpu / base, verdict))
sys.exit(failed)

"""Tables for the data benchmark: wide.py ROWS COLUMNS SEED, CSV of numbers to standard output; a third of the columns are
integers, a third floats, a third a few words; SEED 1 and up moves the distributions a little."""
import random
import sys

rows, columns, seed = (int(text) for text in sys.argv[1:4])
random.seed(seed)
words = ["alpha", "beta", "gamma", "delta", "epsilon"]
# A pool of rows, so that a large file costs no more to make than to write.
pool = []
for _ in range(min(rows, 2000)):
    row = []
    for c in range(columns):
        if c % 3 == 0:
            row.append(str(random.randrange(1000 + seed)))
        elif c % 3 == 1:
            row.append("%.4f" % random.gauss(seed * 0.01, 1))
        else:
            row.append(words[random.randrange(len(words))])
    pool.append(",".join(row) + "\n")
out = sys.stdout
out.write(",".join("c%d" % c for c in range(columns)) + "\n")
done = 0
while done < rows:
    random.shuffle(pool)
    now = min(len(pool), rows - done)
    out.writelines(pool[:now])
    done += now

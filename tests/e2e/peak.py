"""Runs a command and notes the most memory it held: peak.py FILE COMMAND... FILE gets MiB; the exit code is the command's."""
import resource
import subprocess
import sys

code = subprocess.run(sys.argv[2:]).returncode
with open(sys.argv[1], "w") as out:
    out.write("%d\n" % (resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024))
sys.exit(code if code >= 0 else 128 - code)

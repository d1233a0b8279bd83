"""Runs a command and appends "NAME user system wall KiB" to FILE: timed.py NAME FILE COMMAND..."""
import os
import shutil
import sys
import time

name, path, command = sys.argv[1], sys.argv[2], sys.argv[3:]
start = time.monotonic()
child = os.posix_spawn(shutil.which(command[0]), command, os.environ)
_, status, used = os.wait4(child, 0)
wall = time.monotonic() - start
with open(path, "a") as out:
    out.write("%s %.3f %.3f %.3f %d\n" % (name, used.ru_utime, used.ru_stime, wall, used.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))

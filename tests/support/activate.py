# Becomes a program that inherits listening sockets, as systemd starts one: activate.py NAMES DESCRIPTORS COMMAND...
import fcntl
import os
import sys

FIRST = 3  # SD_LISTEN_FDS_START

names, numbers, command = sys.argv[1], sys.argv[2].split(","), sys.argv[3:]
# Out of the way first: one of them may be where another has to go.
held = [fcntl.fcntl(int(number), fcntl.F_DUPFD_CLOEXEC, 100) for number in numbers]
for place, descriptor in enumerate(held, FIRST):
    os.dup2(descriptor, place, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(held)), LISTEN_FDNAMES=names)
os.execv(command[0], command)

# What programs cost: CPU time and memory, with all the processes that they have started.
import os


def _family(pid):
    """`pid` and everything below it."""
    yield pid
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                for child in file.read().split():
                    yield from _family(int(child))
    except FileNotFoundError:
        return


def _cpu_ticks(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    except FileNotFoundError:
        return 0


def _memory(pid, key):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            return sum(int(line.split()[1]) * 1024 for line in file if line.startswith(key + ":"))
    except FileNotFoundError:
        return 0


def cpu_seconds(program):
    return sum(map(_cpu_ticks, _family(program.pid))) / os.sysconf("SC_CLK_TCK")


def resident_bytes(program):
    return sum(_memory(pid, "VmRSS") for pid in _family(program.pid))


def peak_bytes(program):
    return sum(_memory(pid, "VmHWM") for pid in _family(program.pid))


def _ended_children_seconds():
    times = os.times()
    return times.children_user + times.children_system


def with_cpu(programs, measure):
    """What `measure` returns, and the CPU seconds of each program meanwhile, the visitors' own included."""
    before = {name: cpu_seconds(program) for name, program in programs.items()}
    children = _ended_children_seconds()
    result = measure()
    used = {name: cpu_seconds(program) - before[name] for name, program in programs.items()}
    return result, {**used, "visitors": _ended_children_seconds() - children}

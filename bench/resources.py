"""What a process and the processes it started have used: CPU time and peak memory."""

import os
import resource
import sys
import time
from pathlib import Path

_PROC = Path("/proc")


def cpu_seconds() -> float:
    """User and system time of this process and all its living descendants, seconds."""
    return descendants_cpu_seconds() + time.process_time()


def descendants_cpu_seconds() -> float:
    """User and system time of the living descendants; 0 where the system does not tell."""
    ticks = sum(_ticks(pid) for pid in _descendants())
    return ticks / os.sysconf("SC_CLK_TCK")


def process_cpu_seconds(pid: int) -> float:
    """CPU time of another process so far, the system's part included."""
    return _ticks(pid) / os.sysconf("SC_CLK_TCK")


def peak_mb() -> float:
    """Largest resident memory so far of this process, plus that of its living descendants, in 10^6 bytes."""
    own = _status_kb(os.getpid(), "VmHWM")
    if own is None:
        # Kilobytes on Linux, bytes on macOS. It outlives exec, so it is only the second choice.
        reported = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        own = reported / 1024 if sys.platform == "darwin" else reported
    others = sum(_status_kb(pid, "VmHWM") or 0 for pid in _descendants())
    return (own + others) * 1024 / 1_000_000


def resident_mb() -> float:
    """Resident memory of this process now, in 10^6 bytes; 0 where the system does not tell."""
    return (_status_kb(os.getpid(), "VmRSS") or 0) * 1024 / 1_000_000


def _descendants() -> list[int]:
    if not _PROC.is_dir():
        return []
    parents = {int(each.name): _parent(int(each.name)) for each in _PROC.iterdir() if each.name.isdigit()}
    found = [os.getpid()]
    for pid in found:
        found.extend(child for child, parent in parents.items() if parent == pid)
    return found[1:]


def _stat(pid: int) -> list[str]:
    """The fields of a process after its name, which may hold spaces; empty once it is gone."""
    try:
        return (_PROC / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _ticks(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0


def _status_kb(pid: int, field: str) -> float | None:
    try:
        lines = (_PROC / str(pid) / "status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((float(line.split()[1]) for line in lines if line.startswith(f"{field}:")), None)

#!/usr/bin/env python3
"""Runs commands in turn (A B A B …) and prints a table of medians: wall time, processor time of the process and its children,
peak memory of the largest process, and nginx's processor time.

    run.py [-n ROUNDS] [-p PAGES] NAME=COMMAND …

Each run is also a line in $BENCH_DIR/runs.jsonl, with the machine's load before it; what a command printed is in out-NAME.log.
A command that fails ends the whole."""
import json, os, shlex, statistics, subprocess, sys, time

FOLDER = os.environ["BENCH_DIR"]


def nginx():
    """Processor seconds that nginx has used so far."""
    master = open(os.path.join(FOLDER, "nginx.pid")).read().strip()
    workers = subprocess.run(["pgrep", "-P", master], capture_output=True, text=True).stdout.split()
    ticks = 0
    for process in [master, *workers]:
        fields = open(f"/proc/{process}/stat").read().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def once(name, command, turn):
    load, served, started = os.getloadavg()[0], nginx(), time.time()
    with open(os.path.join(FOLDER, f"out-{name}.log"), "w") as log:
        process = subprocess.Popen(shlex.split(command), stdout=log, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
    row = dict(name=name, round=turn, status=status, wall=time.time() - started, cpu=used.ru_utime + used.ru_stime,
               memory=used.ru_maxrss / 1024, nginx=nginx() - served, load=load)
    with open(os.path.join(FOLDER, "runs.jsonl"), "a") as runs:
        runs.write(json.dumps(row) + "\n")
    print(f"  {turn} {name}: wall {row['wall']:.2f} s, cpu {row['cpu']:.2f} s, {row['memory']:.0f} MB, load {load:.1f}", flush=True)
    if status:
        sys.exit(f"{name} failed with {status}; see {log.name}")
    return row


def main():
    arguments, rounds, pages = sys.argv[1:], 3, 10200
    while arguments and arguments[0].startswith("-"):
        option, value, *arguments = arguments
        if option == "-n":
            rounds = int(value)
        elif option == "-p":
            pages = int(value)
        else:
            sys.exit(__doc__)
    jobs = [argument.split("=", 1) for argument in arguments]
    rows = {name: [] for name, _ in jobs}
    for turn in range(rounds):
        for name, command in jobs:
            rows[name].append(once(name, command, turn))
    print("| what | pages/s | CPU s per 1,000 pages | peak memory, MB | wall, s (min to max) | nginx CPU s per 1,000 |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, runs in rows.items():
        median = lambda field: statistics.median(run[field] for run in runs)
        walls = [run["wall"] for run in runs]
        print(f"| {name} | {pages / median('wall'):.0f} | {median('cpu') / pages * 1000:.3f} | {median('memory'):.0f} |"
              f" {median('wall'):.2f} ({min(walls):.2f} to {max(walls):.2f}) | {median('nginx') / pages * 1000:.3f} |")


main()

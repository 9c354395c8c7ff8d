#!/usr/bin/env python3
"""clang-tidy on all sources, or on those that changed since the merge base with the main branch.

  clang_tidy.py changed|all

Nearly all of clang-tidy's time goes into headers of gRPC that all sources share. Therefore dozens of
sources are looked at as one translation unit; where names clash or something is found, as two halves
of it, and so on: what is found in a source alone counts. What passed is remembered
(build/dev/clang-tidy/passed) by all that it was made of, so that a run that was broken off goes on
where it was.

Of changed sources at most MAX_FILES (25), the youngest, are looked at; the rest is left to
`make lint-all`. Needs a configured build/dev. Checks the annotations of locks, too, which GCC does
not read.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/dev"
WORK = BUILD / "clang-tidy"
BATCH = 60
OURS = r"/(server|client-sdk|cli|examples|tests)/[^.]*\.(h|cc)$"
WARNINGS = ["-Wall", "-Wextra", "-Wthread-safety", "-Wno-missing-field-initializers"]


def run(*command, check=True):
    return subprocess.run(command, cwd=ROOT, check=check, capture_output=True, text=True)


def lines(*command):
    return run(*command).stdout.split()


def sources_of(file):
    """What is compiled as `file`: of a unity build several."""
    if "Unity" not in file.parts:
        return [file]
    return [pathlib.Path(name) for name in re.findall(r'#include "(.*\.cc)"', file.read_text())]


def compiled(commands):
    """Our own sources, each with its target; what is not compiled here (yet) is not looked at."""
    targets = {}
    for command in commands:
        target = re.search(r" -o (\S+\.dir)/", command["command"]).group(1)
        for file in sources_of(pathlib.Path(command["file"])):
            if file.is_relative_to(ROOT) and not file.is_relative_to(ROOT / "build"):
                targets[str(file.relative_to(ROOT))] = target
    return targets


def changed():
    head = lines("git", "rev-parse", "HEAD")
    base = run("git", "merge-base", "HEAD", "origin/main", check=False).stdout.split()
    if not base or base == head:
        base = run("git", "rev-parse", "-q", "--verify", "HEAD~1", check=False).stdout.split() or head
    return set(lines("git", "diff", "--name-only", "--diff-filter=d", base[0], "--", "*.cc") +
               lines("git", "ls-files", "-o", "--exclude-standard", "--", "*.cc"))


def flags(commands):
    """What any target is given: a source needs some of it. Clang cannot read GCC's precompiled
    header, so it gets the header's text."""
    text = " ".join(c["command"] for c in commands).replace('\\"', '"')
    found = sorted(set(re.findall(r"-(?:[DI]\S+|isystem \S+)", text)))
    return [word for flag in found for word in flag.split()] + [
        "-std=c++20", "-pthread", "-include", str(WORK / "pch.h")]


class Tidy:
    def __init__(self, commands):
        self.flags = flags(commands)
        version = run("clang-tidy-14", "--version").stdout
        config = (ROOT / ".clang-tidy").read_text()
        self.tool = " ".join([version, config, OURS, *WARNINGS]).encode()
        for folder in ("passed", "batches"):
            (WORK / folder).mkdir(parents=True, exist_ok=True)

    def stamp(self, source):
        preprocessed = subprocess.run(["c++", "-E", "-C", *self.flags, str(source)], cwd=ROOT,
                                      check=True, capture_output=True).stdout
        return WORK / "passed" / hashlib.sha256(self.tool + preprocessed).hexdigest()

    def findings(self, source, stamp=None):
        """Empty if there are none."""
        stamp = stamp or self.stamp(source)
        if stamp.exists():
            return ""
        done = run("clang-tidy-14", "--quiet", f"--header-filter={OURS}", str(source), "--",
                   *self.flags, *WARNINGS, check=False)
        if done.returncode == 0:
            stamp.touch()
            return ""
        return done.stdout or done.stderr or f"{source}: clang-tidy ended with {done.returncode}\n"

    def compiles(self, source):
        return run("clang++-14", "-fsyntax-only", *self.flags, str(source), check=False).returncode == 0

    def batch(self, sources):
        if len(sources) == 1:
            return self.findings(sources[0])
        text = "".join(f'#include "{s}"  // NOLINT\n' for s in sources)
        unit = WORK / "batches" / (hashlib.sha256(text.encode()).hexdigest()[:16] + ".cc")
        unit.write_text(text)
        stamp = self.stamp(unit)
        if stamp.exists() or (self.compiles(unit) and not self.findings(unit, stamp)):
            return ""
        half = len(sources) // 2
        found = self.batch(sources[:half]) + self.batch(sources[half:])
        if not found:
            stamp.touch()
        return found


def in_batches(sources, targets):
    """Targets stay whole, for within one no names clash; by hashes of their names, so that most stay
    together when one comes or goes, and that neighbours, which share a namespace, part."""
    count = 1 << (len(sources) // BATCH).bit_length()
    batches = {}
    for source in sorted(sources, key=lambda s: (targets[s], s)):
        number = int(hashlib.sha256(targets[source].encode()).hexdigest(), 16) % count
        batches.setdefault(number, []).append(source)
    return [batches[number] for number in sorted(batches)]


def main():
    if sys.argv[1:] not in (["changed"], ["all"]):
        sys.exit(__doc__)
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    targets = compiled(commands)
    sources = list(targets)
    if sys.argv[1] == "changed":
        sources = sorted(changed() & set(targets))
        most = int(os.environ.get("MAX_FILES", "25"))
        if len(sources) > most:
            print(f"clang-tidy: {len(sources)} changed; looking at the {most} youngest "
                  "(lint-all: at all)")
            sources = sorted(sources, key=lambda s: -(ROOT / s).stat().st_mtime)[:most]
    if not sources:
        print("clang-tidy: nothing to look at")
        return
    # Generated headers must exist.
    run("cmake", "--build", str(BUILD), "--target", "rollcall_proto", "rollcall_proto_grpc")
    WORK.mkdir(exist_ok=True)
    pch = BUILD / "proto/CMakeFiles/rollcall_pch.dir/cmake_pch.hxx"
    (WORK / "pch.h").write_text(pch.read_text())
    batches = in_batches(sources, targets)
    print(f"clang-tidy: {len(sources)} files", flush=True)
    tidy, bad = Tidy(commands), 0
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for done, found in enumerate(pool.map(tidy.batch, batches), 1):
            print(f"clang-tidy: {done}/{len(batches)} units", flush=True)
            if found:
                bad += 1
                print(found, flush=True)
    if bad:
        sys.exit("clang-tidy: findings above")
    print("clang-tidy: ok")


if __name__ == "__main__":
    main()

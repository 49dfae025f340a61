#!/usr/bin/env python3
"""Puts our side and independent implementations side by side, in both directions. See README.md."""

import argparse
import fnmatch
import pathlib
import re
import shutil
import sys
import tempfile
import time

from harness import peers
from harness.cases import Conversation
from harness.judge import NotReached
from harness.room import Room

HERE = pathlib.Path(__file__).resolve().parent
UNUSABLE = 75


def findings():
    """`FINDINGS.md`: the rows of its table whose first cell is a case, or a pattern of cases, in backticks."""
    rows, last = {}, ""
    for line in (HERE / "FINDINGS.md").read_text().splitlines():
        match = re.match(r"\|\s*`([^`]+)`\s*\|\s*(.*?)\s*\|", line)
        if match:
            last = last if match[2].startswith("the same") else match[2]
            rows[match[1]] = last
    return rows


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", required=True, choices=peers.SUITES)
    parser.add_argument("--setup-only", action="store_true", help="install, and stop")
    parser.add_argument("--ours", help="the command, or the peer, that stands on our side (default: the driver, built now)")
    parser.add_argument("--idwallet", help="the command line's binary; `none`: leave its cases out")
    parser.add_argument("--require-cli", action="store_true", help="fail if there is no idwallet binary")
    parser.add_argument("--case", action="append", default=[], help="only the cases of this pattern; may repeat")
    parser.add_argument("--list", action="store_true", help="name the cases, and stop")
    parser.add_argument("--keep", type=pathlib.Path, help="leave every file here")
    parser.add_argument("--verbose", action="store_true", help="name the cases that pass, too")
    return parser.parse_args()


class Tally:
    def __init__(self, rows, enforce, verbose):
        self.rows, self.enforce, self.verbose = rows, enforce, verbose
        self.passed = self.failed = self.skipped = 0
        self.seen, self.directions, self.below = set(), {}, {}

    def count(self, name, kind):
        setattr(self, kind, getattr(self, kind) + 1)
        peer, direction = name.split("/")[:2]
        self.directions.setdefault((peer, direction), {"passed": 0, "failed": 0, "skipped": 0})[kind] += 1

    def row(self, name):
        return next((pattern for pattern in self.rows if fnmatch.fnmatchcase(name, pattern)), None)

    def record(self, case):
        row = self.row(case.name)
        try:
            reason = case.run()
        except NotReached as error:
            # The failure underneath is itself a case, or makes every case above it fail.
            if row is None and "unaltered" not in str(error):
                self.count(case.name, "failed")
                print(f"FAILED  {case.name}: {error}")
            else:
                self.seen.add(row)
                self.count(case.name, "skipped")
                base = case.name.removesuffix("/command-line").rsplit("/", 1)[0]
                self.below.setdefault((base, str(error)), []).append(case.name)
            return
        except Exception as error:  # noqa: BLE001 - a harness that falls over has failed the case, not the run
            self.count(case.name, "failed")
            print(f"FAILED  {case.name}: {type(error).__name__}: {error}")
            return
        if row is not None:
            self.seen.add(row)
        if reason is None and row is not None and self.enforce:
            self.count(case.name, "failed")
            print(f"FAILED  {case.name}: passes, but FINDINGS.md says: {self.rows[row]}")
        elif reason is None:
            self.count(case.name, "passed")
            if self.verbose:
                print(f"passed  {case.name}")
        elif row is not None:
            self.count(case.name, "skipped")
            print(f"skipped {case.name}: the peer's fault, in FINDINGS.md: {self.rows[row]} ({reason})")
        else:
            self.count(case.name, "failed")
            print(f"FAILED  {case.name}: {reason}")

    def stale(self, names, with_command_line):
        """Rows about these peers that no case of a whole run has met."""
        for pattern in self.rows:
            if "command-line" in pattern and not with_command_line:
                continue
            if pattern.split("/")[0] in names and pattern not in self.seen:
                self.failed += 1
                print(f"FAILED  FINDINGS.md: no case for `{pattern}`")

    def table(self):
        for (base, error), names in self.below.items():
            print(f"skipped {len(names)} below {base}: {error}")
        print(f"\n{'peer':<12} {'direction':<20} passed failed skipped")
        for (peer, direction), counts in self.directions.items():
            print(f"{peer:<12} {direction:<20} {counts['passed']:>6} {counts['failed']:>6} {counts['skipped']:>7}")


def main():
    options = arguments()
    started = time.monotonic()
    try:
        peers.need("openssl")
        commands = peers.SET_UP[options.suite]()
        if options.setup_only:
            return 0
        our_name, our_command, our_batch = peers.our_command(options.ours)
    except peers.Missing as missing:
        print(f"missing: {missing}")
        return UNUSABLE
    except RuntimeError as error:
        print(f"cannot be set up: {error}")
        return UNUSABLE
    command_line = peers.command_line(options.idwallet)
    if options.require_cli and command_line is None:
        print("FAILED  no idwallet binary, and --require-cli was given")
        print("passed=0 failed=1 skipped=0")
        return 1
    directory = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="idwallet-interop-"))
    directory.mkdir(parents=True, exist_ok=True)
    sides = []
    try:
        ours = peers.Peer(our_name, our_command, our_batch, directory / "ours.log").start()
        sides.append(ours)
        tally = Tally(findings(), enforce=our_name == "idwallet", verbose=options.verbose)
        listed = []
        for name, command in commands.items():
            if name == our_name:
                continue
            theirs = peers.Peer(name, command, True, directory / f"{name}.log").start()
            sides.append(theirs)
            room = Room((directory / f"with-{name}").absolute())
            if room.directory.exists():
                shutil.rmtree(room.directory)
            adjusted = f"{name}-adjusted" in commands
            cases = Conversation(room, ours, theirs, command_line, adjusted).all()
            chosen = [case for case in cases if not options.case or any(fnmatch.fnmatchcase(case.name, p) for p in options.case)]
            listed += chosen
            if not options.list:
                for case in chosen:
                    tally.record(case)
        if options.list:
            print("\n".join(case.name for case in listed))
            return 0
        if not options.case and our_name == "idwallet":
            tally.stale(commands, command_line is not None)
        tally.table()
        if command_line is None:
            print("no idwallet binary: the cases of the command line were not made")
        print(f"{time.monotonic() - started:.0f} s")
        print(f"passed={tally.passed} failed={tally.failed} skipped={tally.skipped}")
        return 1 if tally.failed or not tally.passed else 0
    finally:
        for side in sides:
            side.stop()
        if options.keep is None:
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())

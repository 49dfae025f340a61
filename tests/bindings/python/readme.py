"""Follows bindings/python/README.md in an empty folder, word for word: `sh` and `python` blocks in their order.

    readme.py IDWALLET [README]

IDWALLET is the `idwallet` command. Blocks of other kinds are not run. The last line counts them.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def main():
    idwallet = Path(sys.argv[1]).resolve()
    readme = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "bindings" / "python" / "README.md"
    blocks = re.findall(r"^```(\w+)\n(.*?)^```", readme.read_text(encoding="utf-8"), re.S | re.M)
    environment = {**os.environ, "PATH": f"{idwallet.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONIOENCODING": "utf-8"}
    runs = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind, text in blocks:
            if kind not in ("sh", "python"):
                continue
            command = ["sh", "-euc", text] if kind == "sh" else [sys.executable, "-W", "error", "-X", "dev", "-c", text]
            done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
            if done.returncode != 0:
                sys.exit(f"readme: this failed:\n{text}\n{done.stdout}")
            if kind == "python":
                print("".join(f"    {line}\n" for line in done.stdout.splitlines()), end="")
            runs += 1
    if runs == 0:
        sys.exit("readme: there is nothing to run")
    print(f"readme: {runs} blocks ran")


main()

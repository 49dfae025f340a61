"""Installs the peers and speaks to them: one process for each, fed line by line."""

import hashlib
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
CACHE = ROOT / "tests" / ".cache" / "interop"

SUITES = {
    "npm": ["owf", "owf-adjusted", "auth0", "auth0-adjusted", "animo", "jose"],
    "pypi": ["isomdoc", "pymdoccbor"],
    "isomdl": ["isomdl"],
    "maven": ["multipaz"],
}

# A peer that hangs has failed; the slowest answer seen takes under a second after the start.
ANSWER_SECONDS = 120


class Missing(Exception):
    """The suite cannot run here: what it lacks."""


def need(*tools):
    absent = [tool for tool in tools if shutil.which(tool) is None]
    if absent:
        raise Missing(", ".join(absent))


def log(text):
    print(text, file=sys.stderr, flush=True)


def run(command, cwd=None, env=None):
    started = time.monotonic()
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    log(f"  {pathlib.Path(str(command[0])).name} {command[1]}: {time.monotonic() - started:.1f} s")
    if done.returncode != 0:
        raise RuntimeError(f"{shlex.join(map(str, command))}\n{done.stdout.decode(errors='replace')[-4000:]}")


def stamp_of(*paths):
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def once(directory, stamp, install):
    """Runs `install` unless it has succeeded for this stamp before."""
    mark = directory / ".installed"
    if not mark.exists() or mark.read_text() != stamp:
        mark.unlink(missing_ok=True)
        install()
        mark.write_text(stamp)


def copy_sources(source, target):
    """The drivers run from the cache, beside what they import."""
    target.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules", "target", "__pycache__"))


def set_up_npm():
    need("node", "npm")
    source, target = HERE / "npm", CACHE / "npm"
    copy_sources(source, target)
    stamp = stamp_of(source / "package.json", source / "package-lock.json")
    once(target, stamp, lambda: run(["npm", "ci", "--ignore-scripts", "--no-progress"], cwd=target))
    return {name: ["node", target / "peer.mjs", name] for name in SUITES["npm"]}


def set_up_pypi():
    need("python3")
    source, target = HERE / "pypi", CACHE / "pypi"
    copy_sources(source, target)
    python = target / "venv" / "bin" / "python"

    def install():
        shutil.rmtree(target / "venv", ignore_errors=True)
        run([sys.executable, "-m", "venv", target / "venv"])
        run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", source / "requirements.txt"])

    once(target, stamp_of(source / "requirements.txt") + sys.version, install)
    return {name: [python, target / "peer.py", name] for name in SUITES["pypi"]}


def set_up_isomdl():
    need("cargo")
    target = CACHE / "isomdl"
    target.mkdir(parents=True, exist_ok=True)
    run(["cargo", "build", "--locked", "--quiet", "--manifest-path", HERE / "isomdl" / "Cargo.toml", "--target-dir", target])
    return {"isomdl": [target / "debug" / "idwallet-interop-isomdl"]}


def set_up_maven():
    need("mvn", "java")
    source, target = HERE / "maven", CACHE / "maven"
    copy_sources(source, target)
    classpath = target / "classpath.txt"
    sources = sorted((source / "src").rglob("*.kt"))
    repository = f"-Dmaven.repo.local={CACHE / 'm2'}"
    command = ["mvn", "-B", "-ntp", "-q", repository, "-Dkotlin.compiler.daemon=false"]
    goals = ["compile", "dependency:build-classpath", f"-Dmdep.outputFile={classpath}"]

    def install():
        # Without the network once everything is there; what is missing then is fetched.
        if (CACHE / "m2" / "org" / "multipaz").exists():
            try:
                return run([*command, "-o", *goals], cwd=target)
            except RuntimeError:
                log("  something is missing offline")
        run([*command, *goals], cwd=target)

    once(target, stamp_of(source / "pom.xml", *sources), install)
    jars = f"{target / 'target' / 'classes'}:{classpath.read_text().strip()}"
    # A class list of the first run starts the JVM faster; nothing depends on it.
    return {"multipaz": ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", jars, "MainKt"]}


SET_UP = {"npm": set_up_npm, "pypi": set_up_pypi, "isomdl": set_up_isomdl, "maven": set_up_maven}


def suite_of(peer):
    return next((suite for suite, peers in SUITES.items() if peer in peers), None)


def target_directory():
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def our_command(given):
    """Our side: another peer's name, a command, the environment's, or the driver built now."""
    given = given or os.environ.get("IDWALLET_INTEROP_DRIVER")
    if given and suite_of(given):
        return given, SET_UP[suite_of(given)]()[given], True
    if given:
        return "idwallet", shlex.split(given), False
    need("cargo")
    run(["cargo", "build", "--locked", "--quiet", "-p", "idwallet-interop-driver"], cwd=ROOT)
    return "idwallet", [target_directory() / "debug" / "idwallet-interop-driver"], False


def command_line(given):
    """The `idwallet` binary, if there is one; nothing stands in for one that was named."""
    named = given or os.environ.get("IDWALLET")
    if named == "none":
        return None
    candidates = [pathlib.Path(named)] if named else [target_directory() / kind / "idwallet" for kind in ("debug", "release")]
    return next((path.resolve() for path in candidates if path.is_file()), None)


class Peer:
    """One side. `batch`: one process that answers line by line; otherwise a process for each call."""

    def __init__(self, name, command, batch, log_file):
        self.name = name
        self.command = list(map(str, command))
        self.batch = batch
        self.log = open(log_file, "ab")
        self.process = None
        self.capabilities = {}

    def start(self):
        self.capabilities = self.call("capabilities")
        if self.capabilities.get("exit") != 0:
            raise RuntimeError(f"{self.name} capabilities: {self.capabilities}")
        return self

    def can(self, *path):
        """A part of the capabilities; an empty list if it is not there."""
        part = self.capabilities
        for key in path:
            part = part.get(key, []) if isinstance(part, dict) else []
        return part

    def call(self, *args):
        args = [str(arg) for arg in args]
        self.log.write(f"\n> {shlex.join(args)}\n".encode())
        self.log.flush()
        answer = self._batch(args) if self.batch else self._once(args)
        self.log.write(f"< {json.dumps(answer, ensure_ascii=False)}\n".encode())
        self.log.flush()
        return answer

    def _once(self, args):
        try:
            done = subprocess.run([*self.command, *args], stdout=subprocess.PIPE, stderr=self.log, timeout=ANSWER_SECONDS)
        except subprocess.TimeoutExpired:
            return {"exit": 3, "ok": False, "crash": True, "error": "no answer in time"}
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            return {"exit": 3, "ok": False, "crash": True, "error": f"exit {done.returncode}, no JSON"}
        return {**answer, "exit": done.returncode}

    def _batch(self, args):
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen([*self.command, "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)
        watchdog = threading.Timer(ANSWER_SECONDS, self.process.kill)
        watchdog.start()
        try:
            self.process.stdin.write(json.dumps(args).encode() + b"\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())
        except (OSError, ValueError):
            self.process.kill()
            self.process.wait()
            return {"exit": 3, "ok": False, "crash": True, "error": "the peer's process ended"}
        finally:
            watchdog.cancel()

    def stop(self):
        if self.process is not None:
            self.process.stdin.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.log.close()

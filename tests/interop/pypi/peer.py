"""`python peer.py NAME COMMAND --option VALUE …` or `python peer.py NAME --batch`: see ../README.md."""

import importlib
import json
import sys
import traceback

from peers.common import Refused, Unsupported, parse_options

name, *rest = sys.argv[1:]
peer = importlib.import_module(f"peers.{name}")
answers = sys.stdout
sys.stdout = sys.stderr


def run(args):
    command = args[0] if args else ""
    try:
        handler = peer.COMMANDS.get(command)
        if handler is None:
            raise Unsupported(f"{name} has no {command}")
        return {"exit": 0, "ok": True, **handler(parse_options(args[1:]))}
    except Refused as error:
        return {"exit": 1, "ok": False, "accepted": False, "error": str(error)}
    except Unsupported as error:
        return {"exit": 2, "ok": False, "unsupported": True, "error": str(error)}
    except Exception as error:  # noqa: BLE001
        traceback.print_exc()
        text = f"{type(error).__name__}: {error}"[:600]
        # A peer that raises while it checks has refused.
        if command in ("verify", "verify-issuer-signed"):
            return {"exit": 1, "ok": False, "accepted": False, "error": text}
        return {"exit": 3, "ok": False, "crash": True, "error": text}


if rest[:1] == ["--batch"]:
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), file=answers, flush=True)
else:
    answer = run(rest)
    status = answer.pop("exit")
    print(json.dumps(answer), file=answers, flush=True)
    sys.exit(status)

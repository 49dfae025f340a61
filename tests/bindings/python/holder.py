"""Presents from a wallet.

    holder.py --wallet DIR --address 127.0.0.1:PORT [--decline]

The wallet in DIR has no PIN and its keys in a file. Prints `QR <text>`, waits for a reader at the address, gives everything it can, or nothing with
--decline. The last line is a JSON object: {"reason": …, "shared": [names]}.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from idwallet import StreamCarrier, TrustStore, Wallet, WalletError


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wallet", type=Path, required=True)
    parser.add_argument("--address", required=True)
    parser.add_argument("--decline", action="store_true")
    arguments = parser.parse_args()
    trust, anchors = TrustStore(), arguments.wallet / "reader-anchors.pem"
    if anchors.exists():
        trust.add_reader_anchors(anchors.read_bytes())
    async with await Wallet.open(arguments.wallet) as wallet, await StreamCarrier.listen(arguments.address) as listener:
        presentation = await wallet.present(trust, listener.address)
        print(f"QR {presentation.qr_text}", flush=True)

        async def decide(_: object) -> object:
            return None if arguments.decline else await presentation.everything()

        ended = None
        while ended is None:
            ended = await presentation.run(await listener.accept(), decide)
    shared = sorted(name.element for answer in ended.answers for document in answer.shared for name in document.elements)
    print(json.dumps({"reason": ended.reason.value, "shared": shared}), flush=True)


try:
    asyncio.run(main())
except WalletError as error:
    sys.exit(str(error))

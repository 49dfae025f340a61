"""Reads from a holder, or verifies a response that was kept.

    reader.py --qr TEXT --anchors FILE --ask TEMPLATE_ID [--reader-key FILE --reader-chain FILE]
    reader.py --response FILE --transcript FILE --anchors FILE [--crl FILE]

The last line is a JSON object: {"accepted": bool, "reasons": [kinds], "checks": [failed checks], "claims": {doc type: [names]}}. Exit status 0 also when
it is refused.
"""

import argparse
import asyncio
import json
import sys
from datetime import datetime, timezone
from pathlib import Path

from idwallet import DocumentAccepted, Reader, ReaderIdentity, ReaderPolicy, Report, StreamCarrier, Template, TrustStore, WalletError


def say(accepted: bool, reports: tuple[Report, ...]) -> None:
    reasons = [reason for report in reports for reason in report.reasons]
    documents = [it.outcome.document for report in reports for it in report.documents if isinstance(it.outcome, DocumentAccepted)]
    print(json.dumps({
        "accepted": accepted,
        "reasons": sorted({reason.kind.value for reason in reasons}),
        "checks": sorted({reason.check for reason in reasons if reason.check}),
        "claims": {document.doc_type: sorted(claim.element for claim in document.claims) for document in documents},
    }), flush=True)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--anchors", type=Path, required=True)
    for name in ("qr", "ask"):
        parser.add_argument(f"--{name}")
    for name in ("reader-key", "reader-chain", "response", "transcript", "crl"):
        parser.add_argument(f"--{name}", type=Path)
    arguments = parser.parse_args()
    trust = TrustStore()
    trust.add_issuer_anchors(arguments.anchors.read_bytes())
    if arguments.crl:
        trust.add_crls(arguments.crl.read_bytes(), datetime.now(timezone.utc))
    if arguments.response:
        reader = Reader(trust, ReaderPolicy(require_all_elements=False))
        report = reader.verify_device_response(arguments.response.read_bytes(), arguments.transcript.read_bytes())
        say(report.accepted, (report,))
        return
    identity = None
    if arguments.reader_key:
        identity = ReaderIdentity(arguments.reader_key.read_bytes(), arguments.reader_chain.read_bytes())
    session = Reader(trust, identity=identity).scan(arguments.qr, Template(arguments.ask))
    if session.stream_address is None:
        sys.exit("the holder announces no stream")
    result = await session.run(await StreamCarrier.connect(session.stream_address))
    say(result.accepted, result.reports)


try:
    asyncio.run(main())
except WalletError as error:
    sys.exit(str(error))

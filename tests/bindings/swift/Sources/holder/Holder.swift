// holder --wallet DIR --address 127.0.0.1:PORT [--decline]
//
// Presents from the wallet in DIR, which has no PIN and its keys in a file: prints `QR <text>`, waits for a reader at the address,
// gives everything it can, or nothing with --decline. The last line is a JSON object: {"reason": …, "shared": [names]}.
import Foundation
import Harness
import Idwallet

@main
struct Holder {
    static func main() async throws {
        let arguments = Arguments(flags: ["--decline"])
        let folder = URL(fileURLWithPath: arguments.required("--wallet"))
        let wallet = try await Wallet.open(at: folder)
        let trust = TrustStore()
        if let anchors = try? Data(contentsOf: folder.appendingPathComponent("reader-anchors.pem")) { try trust.addReaderAnchors(anchors) }
        let listener = try StreamListener(on: arguments.required("--address"))
        let presentation = try wallet.present(trust: trust, streamAddress: listener.address)
        say("QR \(presentation.qrText)")
        let declines = arguments.has("--decline")
        let carrier = try await listener.accept()
        let outcome = try await presentation.run(over: carrier) { _ in
            declines ? .decline : .approve(try presentation.everything())
        }
        let names = outcome.answers.flatMap(\.shared).flatMap(\.elements).map(\.element)
        say(try json(["reason": outcome.reason.rawValue, "shared": names.sorted()]))
        wallet.shutdown()
    }
}

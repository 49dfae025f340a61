// reader --qr TEXT --anchors FILE --ask TEMPLATE_ID [--reader-key FILE --reader-chain FILE]
//
// Reads from the holder whose QR code says TEXT. The last line is a JSON object:
// {"accepted": bool, "reasons": [kinds], "claims": {doc type: [names]}}. Exit status 0 also when it is refused.
import Foundation
import Harness
import Idwallet

@main
struct ReaderProgram {
    static func main() async throws {
        let arguments = Arguments()
        let trust = TrustStore()
        try trust.addIssuerAnchors(try read(arguments.required("--anchors")))
        var identity: ReaderIdentity?
        if let key = arguments.optional("--reader-key") {
            identity = ReaderIdentity(privateKey: try read(key), chain: try read(arguments.required("--reader-chain")))
        }
        let reader = try Reader(trust: trust, identity: identity)
        let session = try reader.scan(arguments.required("--qr"), request: .template(arguments.required("--ask")))
        guard let address = try session.streamAddress else {
            FileHandle.standardError.write(Data("the holder announces no stream\n".utf8))
            exit(2)
        }
        let outcome = try await session.run(over: try await StreamCarrier.connect(to: address))
        var claims: [String: [String]] = [:]
        for document in outcome.reports.flatMap(\.accepted) { claims[document.docType] = document.claims.map(\.element).sorted() }
        let reasons = Set(outcome.reports.flatMap(\.reasons).map(\.kind.rawValue)).sorted()
        say(try json(["accepted": outcome.isAccepted, "reasons": reasons, "claims": claims]))
    }
}

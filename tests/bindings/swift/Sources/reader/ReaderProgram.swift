// reader --qr TEXT --anchors FILE --ask TEMPLATE_ID [--reader-key FILE --reader-chain FILE]
// reader --response FILE --transcript FILE --anchors FILE [--crl FILE]
//
// Reads from the holder whose QR code says TEXT, or verifies a response that was kept. The last line is a JSON object:
// {"accepted": bool, "reasons": [kinds], "checks": [failed checks], "claims": {doc type: [names]}}. Exit status 0 also when it is refused.
import Foundation
import Harness
import Idwallet

@main
struct ReaderProgram {
    static func main() async throws {
        let arguments = Arguments()
        let trust = TrustStore()
        try trust.addIssuerAnchors(try read(arguments.required("--anchors")))
        if let crl = arguments.optional("--crl") { _ = try trust.addRevocationLists(try read(crl), fetchedAt: Date()) }
        if let response = arguments.optional("--response") {
            let reader = try Reader(trust: trust, policy: ReaderPolicy(requireAllElements: false))
            let report = try reader.verify(response: try read(response), sessionTranscript: try read(arguments.required("--transcript")))
            return try tell(accepted: report.isAccepted, [report])
        }
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
        try tell(accepted: outcome.isAccepted, outcome.reports)
    }

    static func tell(accepted: Bool, _ reports: [Report]) throws {
        var claims: [String: [String]] = [:]
        for document in reports.flatMap(\.accepted) { claims[document.docType] = document.claims.map(\.element).sorted() }
        let reasons = Set(reports.flatMap(\.reasons).map(\.kind.rawValue)).sorted()
        let checks = Set(reports.flatMap(\.reasons).compactMap(\.check)).sorted()
        say(try json(["accepted": accepted, "reasons": reasons, "checks": checks, "claims": claims]))
    }
}

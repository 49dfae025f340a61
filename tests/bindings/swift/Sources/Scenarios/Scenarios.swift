// scenarios SCENARIOS RESULTS
//
// Plays tests/flows/scenarios through the Swift facade; tests/flows/README.md says what each step means. RESULTS gets
// {scenario: "passed" | "failed: why" | "skipped: why"}.
import Foundation
import Harness
import Idwallet

@main
struct Scenarios {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 3 else {
            FileHandle.standardError.write(Data("scenarios SCENARIOS RESULTS\n".utf8))
            exit(2)
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: words[1]).filter { $0.hasSuffix(".json") }.sorted()
        var results: [String: String] = [:]
        for file in files {
            let name = String(file.dropLast(".json".count))
            results[name] = await play(words[1] + "/" + file)
            say("\(name): \(results[name] ?? "")")
        }
        let text = try JSONSerialization.data(withJSONObject: results, options: [.sortedKeys, .prettyPrinted])
        try text.write(to: URL(fileURLWithPath: words[2]))
    }

    private static func play(_ path: String) async -> String {
        do {
            guard let scenario = try JSONSerialization.jsonObject(with: read(path)) as? [String: Any],
                let steps = scenario["steps"] as? [[String: Any]], !steps.isEmpty
            else { return "failed: the scenario has no steps" }
            let stage = try Stage()
            for (number, step) in steps.enumerated() {
                do {
                    try await stage.play(Step(step))
                } catch {
                    return "failed: step \(number + 1), \(step["do"] ?? "?"): \(why(error))"
                }
            }
            return "passed"
        } catch {
            return "failed: \(why(error))"
        }
    }

    private static func why(_ error: any Error) -> String {
        if let error = error as? Mismatch { return error.text }
        if let error = error as? WalletError { return "\(error.code) \(error.info.detail)" }
        return "\(error)"
    }
}

/// A step came to something else.
struct Mismatch: Error {
    let text: String
}

/// One step as the file has it.
struct Step {
    let fields: [String: Any]

    init(_ fields: [String: Any]) {
        self.fields = fields
    }

    func text(_ name: String) -> String? { fields[name] as? String }

    func number(_ name: String) throws -> Int {
        guard let number = fields[name] as? Int else { throw Mismatch(text: "the step has no \(name)") }
        return number
    }

    /// Runs what the step does, and holds its end against the error that the step wants, if it wants one. Gives what came of it.
    func run<T>(_ body: () async throws -> T) async throws -> T? {
        let wanted = fields["error"] as? [String: Any]
        let value: T
        do {
            value = try await body()
        } catch let error as WalletError {
            guard let wanted else { throw error }
            let isIt = wanted["kind"] as? String == error.kind && (wanted["code"] as? String).map { $0 == error.code } ?? true
            guard isIt else { throw Mismatch(text: "\(error.kind) \(error.code) (\(error.info.detail)), and not \(wanted)") }
            return nil
        }
        guard wanted == nil else { throw Mismatch(text: "no error, and not \(wanted ?? [:])") }
        return value
    }
}

extension WalletError {
    /// The name of the case, as the scenarios have it.
    var kind: String {
        switch self {
        case .userCancelled: return "UserCancelled"
        case .userAuthRequired: return "UserAuthRequired"
        case .keyInvalidated: return "KeyInvalidated"
        case .locked: return "Locked"
        case .issuer: return "Issuer"
        case .verifier: return "Verifier"
        case .untrusted: return "Untrusted"
        case .invalidRequest: return "InvalidRequest"
        case .expired: return "Expired"
        case .invalidState: return "InvalidState"
        case .unsupported: return "Unsupported"
        case .storage: return "Storage"
        case .backup: return "Backup"
        case .internal: return "Internal"
        }
    }
}

func same<T: Equatable>(_ what: String, _ wanted: T, _ got: T) throws {
    guard wanted == got else { throw Mismatch(text: "\(what): \(got), and not \(wanted)") }
}

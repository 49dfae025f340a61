import Foundation

/// `--name value` and `--flag` of a test program.
public struct Arguments {
    private var values: [String: String] = [:]

    public init(flags: Set<String> = []) {
        var words = CommandLine.arguments.dropFirst()
        while let word = words.popFirst() {
            if flags.contains(word) { values[word] = "" } else { values[word] = words.popFirst() }
        }
    }

    public func has(_ name: String) -> Bool { values[name] != nil }

    public func optional(_ name: String) -> String? { values[name] }

    public func required(_ name: String) -> String {
        guard let value = values[name] else {
            FileHandle.standardError.write(Data("missing \(name)\n".utf8))
            exit(2)
        }
        return value
    }
}

/// Writes a line at once: another process waits for it.
public func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

/// A JSON object in one line, keys in order.
public func json(_ object: [String: Any]) throws -> String {
    String(decoding: try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]), as: UTF8.self)
}

public func read(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path))
}

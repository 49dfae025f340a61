import Foundation
internal import IdwalletFFI

/// Who asked for what, and what they got.
public struct History: Sendable, Hashable {
    /// The entries, oldest first.
    public let entries: [HistoryEntry]
    /// Whether the chain of entries is whole: none removed, none changed.
    public let isIntact: Bool
    /// What is wrong with it, for the person.
    public let problems: [LocalizedText]

    init(_ ffi: IdwalletFFI.History) {
        entries = ffi.entries.map(HistoryEntry.init)
        isIntact = ffi.intact
        problems = ffi.problems.map(LocalizedText.init)
    }
}

/// One entry of the history.
public struct HistoryEntry: Sendable, Hashable, Identifiable {
    /// Its place in the chain.
    public let id: UInt64
    /// When it happened.
    public let date: Date
    /// The stable code of what happened.
    public let event: String
    /// The same for the person.
    public let eventText: LocalizedText
    /// How it ended.
    public let outcomeText: LocalizedText
    /// Who asked.
    public let who: LocalizedText?
    /// What was asked, by document.
    public let asked: [HistoryNames]
    /// What was shared, by document.
    public let shared: [HistoryNames]
    /// The whole entry in one sentence.
    public let text: LocalizedText
    /// The code of the error, when there was one.
    public let code: String?

    init(_ ffi: IdwalletFFI.HistoryEntry) {
        id = ffi.sequence
        date = Date(seconds: ffi.at)
        event = ffi.event
        eventText = LocalizedText(ffi.eventText)
        outcomeText = LocalizedText(ffi.outcomeText)
        who = localized(ffi.who)
        asked = ffi.asked.map(HistoryNames.init)
        shared = ffi.shared.map(HistoryNames.init)
        text = LocalizedText(ffi.text)
        code = ffi.code
    }
}

/// Names of elements of one document; never values.
public struct HistoryNames: Sendable, Hashable {
    /// The name of the document type.
    public let title: LocalizedText
    /// The elements.
    public let names: [LocalizedText]
    /// Those of them that the reader meant to keep.
    public let retained: [LocalizedText]

    init(_ ffi: IdwalletFFI.HistoryNames) {
        title = LocalizedText(ffi.title)
        names = ffi.names.map(LocalizedText.init)
        retained = ffi.retained.map(LocalizedText.init)
    }
}

/// What an export wrote.
public struct Exported: Sendable, Hashable {
    /// How many documents are in the file.
    public let documents: Int

    init(_ ffi: IdwalletFFI.Exported) {
        documents = Int(ffi.documents)
    }
}

/// What restoring a file would do.
public final class RestorePlan: Sendable {
    private let ffi: IdwalletFFI.RestorePlan
    private let changed: @Sendable () -> Void

    init(_ ffi: IdwalletFFI.RestorePlan, changed: @escaping @Sendable () -> Void) {
        self.ffi = ffi
        self.changed = changed
    }

    /// The documents of the file and what would happen to each.
    public func documents() throws -> [PlannedDocument] {
        try call { ffi.documents().map(PlannedDocument.init) }
    }

    /// Does it, as a whole or not at all. Returns how many documents were restored.
    public func apply() async throws -> Int {
        let ffi = ffi
        let restored = try await call { Int(try await ffi.apply().documents) }
        changed()
        return restored
    }
}

/// A document of a file to restore.
public struct PlannedDocument: Sendable, Hashable {
    /// The name of its type.
    public let title: LocalizedText
    /// What would happen to it, for the person.
    public let action: LocalizedText

    init(_ ffi: IdwalletFFI.PlannedDocument) {
        title = LocalizedText(ffi.title)
        action = LocalizedText(ffi.actionText)
    }
}

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
    /// How many older entries the owner deleted.
    public let deleted: Int
    /// What earlier wallets wrote, from exports that were restored into this one; their numbers are their own.
    public let past: [HistoryEntry]

    init(_ ffi: IdwalletFFI.History) {
        entries = ffi.entries.map(HistoryEntry.init)
        isIntact = ffi.intact
        problems = ffi.problems.map(LocalizedText.init)
        deleted = Int(ffi.deleted)
        past = ffi.past.map(HistoryEntry.init)
    }
}

/// One entry of the history.
public struct HistoryEntry: Sendable, Hashable, Identifiable {
    /// Its place in the chain.
    public let id: UInt64
    /// When it happened.
    public let date: Date
    /// What happened, in a stable word: `presentation`, `import`…
    public let event: String
    /// The same for the person.
    public let eventText: LocalizedText
    /// How it ended.
    public let outcome: HistoryOutcome
    /// The same for the person.
    public let outcomeText: LocalizedText
    /// Who asked.
    public let who: LocalizedText?
    /// What was asked, by document.
    public let asked: [HistoryNames]
    /// What was shared, by document.
    public let shared: [HistoryNames]
    /// The names of the documents that something was done to.
    public let documents: [LocalizedText]
    /// The whole entry in one sentence.
    public let text: LocalizedText
    /// The code of the error, when there was one.
    public let code: String?

    init(_ ffi: IdwalletFFI.HistoryEntry) {
        id = ffi.sequence
        date = Date(seconds: ffi.at)
        event = ffi.event
        eventText = LocalizedText(ffi.eventText)
        outcome = HistoryOutcome(ffi.outcome)
        outcomeText = LocalizedText(ffi.outcomeText)
        who = localized(ffi.who)
        asked = ffi.asked.map(HistoryNames.init)
        shared = ffi.shared.map(HistoryNames.init)
        documents = ffi.documents.map(LocalizedText.init)
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

/// How something ended.
public enum HistoryOutcome: String, Sendable, Hashable, CaseIterable {
    /// It was done.
    case done
    /// Something was handed out.
    case shown
    /// The person declined.
    case declined
    /// There was nothing to give.
    case nothingToGive
    /// It was broken off before an answer.
    case cancelled
    /// It is not known how it ended, or it goes on.
    case notAnswered
    /// It failed.
    case failed
    /// It was refused.
    case refused

    init(_ ffi: IdwalletFFI.HistoryOutcome) {
        switch ffi {
        case .done: self = .done
        case .shown: self = .shown
        case .declined: self = .declined
        case .nothingToGive: self = .nothingToGive
        case .cancelled: self = .cancelled
        case .notAnswered: self = .notAnswered
        case .failed: self = .failed
        case .refused: self = .refused
        }
    }
}

/// What an export wrote.
public struct Exported: Sendable, Hashable {
    /// Documents that can be restored anywhere where keys can be brought in.
    public let documents: Int
    /// What has to be issued again after a restore, because its keys are bound to this device.
    public let toBeReissued: [LocalizedText]
    /// Entries of the history.
    public let history: Int

    init(_ ffi: IdwalletFFI.Exported) {
        documents = Int(ffi.documents)
        toBeReissued = ffi.toBeReissued.map(LocalizedText.init)
        history = Int(ffi.history)
    }
}

/// A file that was opened and verified, and what restoring it would do.
public final class RestorePlan: Sendable {
    /// The documents of the file and what would become of each, then those that have to be issued again because their keys are not in it.
    public let documents: [PlannedDocument]
    private let ffi: IdwalletFFI.RestorePlan
    private let changed: @Sendable () -> Void

    init(_ ffi: IdwalletFFI.RestorePlan, changed: @escaping @Sendable () -> Void) {
        self.ffi = ffi
        self.changed = changed
        documents = ffi.documents().map(PlannedDocument.init)
    }

    /// Does it: all of it or nothing. Can be done once.
    ///
    /// - Throws: ``WalletError/backup(_:)`` when the wallet or the file changed since; ``WalletError/invalidState(_:document:)`` when it
    ///   was done already.
    public func apply() async throws -> Restored {
        let (ffi, changed) = (ffi, changed)
        return try await call {
            let restored = Restored(try await ffi.apply())
            changed()
            return restored
        }
    }
}

/// A document of a file to restore.
public struct PlannedDocument: Sendable, Hashable {
    /// The name of its type.
    public let title: LocalizedText
    /// A line that tells it from others of its type.
    public let summary: LocalizedText
    /// Whether it would be added.
    public let isAdded: Bool
    /// What would happen to it, for the person.
    public let action: LocalizedText

    init(_ ffi: IdwalletFFI.PlannedDocument) {
        title = LocalizedText(ffi.title)
        summary = LocalizedText(ffi.summary)
        isAdded = ffi.isAdded
        action = LocalizedText(ffi.actionText)
    }
}

/// What a restore did.
public struct Restored: Sendable, Hashable {
    /// The ids of the documents that were added.
    public let added: [String]
    /// How many of the file the wallet had already.
    public let skipped: Int
    /// How many stayed in the file.
    public let leftOut: Int
    /// How many have to be issued again.
    public let toBeReissued: Int
    /// Entries of the history that were added.
    public let history: Int

    init(_ ffi: IdwalletFFI.Restored) {
        added = ffi.added
        skipped = Int(ffi.skipped)
        leftOut = Int(ffi.leftOut)
        toBeReissued = Int(ffi.toBeReissued)
        history = Int(ffi.history)
    }
}

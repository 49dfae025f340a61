import Foundation
internal import IdwalletFFI

/// A text for a person, in the two languages that the wallet speaks.
public struct LocalizedText: Sendable, Hashable {
    /// The Vietnamese text.
    public let vi: String
    /// The English text.
    public let en: String

    /// A text of the app's own, for places that also show the wallet's.
    public init(vi: String, en: String) {
        self.vi = vi
        self.en = en
    }

    /// The text for the language of `locale`: Vietnamese for `vi`, English for every other.
    public func text(for locale: Locale) -> String {
        locale.identifier.lowercased().hasPrefix("vi") ? vi : en
    }

    /// The text for the language that the person has set on this device.
    public var localized: String {
        let language = Locale.preferredLanguages.first ?? Locale.current.identifier
        return text(for: Locale(identifier: language))
    }

    init(_ ffi: IdwalletFFI.LocalizedText) {
        vi = ffi.vi
        en = ffi.en
    }
}

func localized(_ ffi: IdwalletFFI.LocalizedText?) -> LocalizedText? {
    ffi.map(LocalizedText.init)
}

extension Date {
    /// A time of the library: whole seconds since 1 January 1970 UTC.
    init(seconds: Int64) {
        self.init(timeIntervalSince1970: TimeInterval(seconds))
    }

    var wholeSeconds: Int64 {
        Int64(exactly: timeIntervalSince1970.rounded(.down)) ?? 0
    }
}

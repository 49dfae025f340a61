import Foundation
internal import IdwalletFFI

/// What a message from screen to screen is.
public enum MessageKind: String, Sendable, Hashable, CaseIterable {
    /// The reader's.
    case request
    /// The holder's.
    case response

    var ffi: IdwalletFFI.MessageKind {
        switch self {
        case .request: return .request
        case .response: return .response
        }
    }
}

/// Cuts a message into the texts of animated QR codes. There is no last one: any of them may be lost.
public final class FrameEncoder: Sendable {
    private let ffi: IdwalletFFI.FrameEncoder

    /// For a message.
    ///
    /// - Throws: ``WalletError/invalidState(_:document:)`` unless it has 1 byte to 256 KiB.
    public init(_ kind: MessageKind, _ message: Data) throws {
        ffi = try call { try IdwalletFFI.FrameEncoder(kind: kind.ffi, data: message) }
    }

    /// How many frames a camera needs that misses none.
    public var fragments: Int {
        Int(ffi.fragments())
    }

    /// The text of a frame: any index, again and again from 0 on.
    public func frame(_ index: UInt32) -> String {
        ffi.frame(index: index)
    }
}

/// Puts a message together from the texts of QR codes that a camera saw, in any order.
public final class FrameDecoder: Sendable {
    private let ffi: IdwalletFFI.FrameDecoder

    /// For messages of one kind, or of both.
    public init(_ kind: MessageKind? = nil) {
        ffi = IdwalletFFI.FrameDecoder(kind: kind?.ffi)
    }

    /// Takes a text.
    ///
    /// - Throws: ``WalletError`` when it is no frame, or of another message. Then look on.
    @discardableResult
    public func push(_ text: String) throws -> FrameProgress {
        try call { FrameProgress(try ffi.push(text: text)) }
    }

    /// The message, once it is complete.
    public func message() -> Data? {
        ffi.message()
    }

    /// Forgets what was scanned.
    public func reset() {
        ffi.reset()
    }
}

/// How far a ``FrameDecoder`` has come.
public struct FrameProgress: Sendable, Hashable {
    /// Frames that were of use.
    public let received: Int
    /// Frames that are needed at least.
    public let needed: Int
    /// Whether the message is there.
    public let isComplete: Bool

    init(_ ffi: IdwalletFFI.FrameProgress) {
        received = Int(ffi.received)
        needed = Int(ffi.needed)
        isComplete = ffi.complete
    }
}

/// A QR code to draw.
public struct QRCode: Sendable, Hashable {
    /// Modules on each side, without the quiet zone: leave four white ones around it.
    public let size: Int
    private let modules: Data

    /// The code of a text.
    ///
    /// - Throws: ``WalletError/invalidState(_:document:)`` when it is too long.
    public init(_ text: String) throws {
        let code = try call { try qrCode(text: text) }
        size = Int(code.size)
        modules = code.modules
    }

    /// Whether the module is dark; outside of the code none is.
    public func isDark(column: Int, row: Int) -> Bool {
        guard (0..<size).contains(column), (0..<size).contains(row), row * size + column < modules.count else { return false }
        return modules[modules.startIndex + row * size + column] != 0
    }
}

/// The texts of the QR codes in a picture.
///
/// - Parameters:
///   - luminance: The picture, one byte for each pixel, row by row: the first plane of a camera's frame without padding.
///   - width: Pixels in a row.
///   - height: Rows.
/// - Throws: ``WalletError/invalidState(_:document:)`` when the sizes do not fit, or beyond 50 megapixels.
public func scanQRCodes(luminance: Data, width: Int, height: Int) throws -> [String] {
    try call { try scanQr(luminance: luminance, width: UInt32(clamping: width), height: UInt32(clamping: height)) }
}

/// The version of the library.
public var libraryVersion: String {
    IdwalletFFI.version()
}

import Foundation
internal import IdwalletFFI

/// The holder's side from camera to camera: the reader's screen was filmed, and the answer is shown on this screen.
///
/// Get one from ``Wallet/answerCamera(_:trust:)``; show ``CameraAnswer/screenMessage`` as animated QR codes with a
/// ``FrameEncoder``.
public final class CameraPresentation: Sendable {
    let ffi: IdwalletFFI.CameraPresentation
    private let changed: @Sendable () -> Void

    init(_ ffi: IdwalletFFI.CameraPresentation, changed: @escaping @Sendable () -> Void) {
        self.ffi = ffi
        self.changed = changed
    }

    deinit {
        ffi.cancel()
    }

    /// Finds what is asked, by whom, and which documents answer it.
    ///
    /// - Throws: ``WalletError``. When the request is faulty, ``failureMessage()`` is what the reader should see.
    public func resolve() throws -> Review {
        try call { Review(try ffi.resolve()) }
    }

    /// The review made by ``resolve()``, or `nil` before it.
    public func review() throws -> Review? {
        try call { try ffi.review().map(Review.init) }
    }

    /// The choice to start the consent screen with: sensitive elements are off.
    public func preselected() throws -> Approval {
        try call { Approval(try ffi.preselected()) }
    }

    /// The choice of everything that is asked and there.
    public func everything() throws -> Approval {
        try call { Approval(try ffi.everything()) }
    }

    /// What the choice reveals beside itself.
    public func givesAway(_ approval: Approval) throws -> [LocalizedText] {
        try call { try ffi.givesAway(approval: approval.ffi).map(LocalizedText.init) }
    }

    /// Signs and gives what the person approved. Cancelling the task ends the presentation and throws `CancellationError`; an answer
    /// that was made before it ended is returned all the same, because the history has it as shown.
    public func respond(to review: Review, _ approval: Approval) async throws -> CameraAnswer {
        let ffi = ffi
        let answer = try await callToEnd(onCancel: { ffi.cancel() }) {
            CameraAnswer(try await ffi.respond(handle: review.handle, approval: approval.ffi))
        }
        changed()
        return answer
    }

    /// Tells the reader that there is no answer, without a reason.
    public func decline() throws -> CameraAnswer {
        try call { CameraAnswer(try ffi.decline()) }
    }

    /// Ends it without any answer.
    public func cancel() {
        ffi.cancel()
    }

    /// What tells the reader that its request is faulty, for the screen; `nil` for errors that are not the reader's business.
    public func failureMessage() -> Data? {
        ffi.failureMessage()
    }
}

/// The answer to a reader's camera.
public struct CameraAnswer: Sendable, Hashable {
    /// What was shared.
    public let answer: Answer
    /// The message for the screen, to be cut into frames by a ``FrameEncoder``.
    public let screenMessage: Data

    init(_ ffi: IdwalletFFI.CameraAnswer) {
        answer = Answer(ffi.answer)
        screenMessage = ffi.screenMessage
    }
}

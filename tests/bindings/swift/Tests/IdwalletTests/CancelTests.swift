import Foundation
import Harness
import Idwallet
import XCTest

/// Calls that are cancelled at any moment, also in that in which they are done.
final class CancelTests: XCTestCase {
    /// Opens the wallet in `folder`, as soon as what a cancelled call has opened is let go.
    private func open(_ folder: URL, secureArea: (any SecureArea)? = nil) async throws -> Wallet {
        let end = Date().addingTimeInterval(20)
        while true {
            do {
                return try await Wallet.open(at: folder, secureArea: secureArea)
            } catch let error as WalletError where error.code == "W501" && Date() < end {
                try await Task.sleep(nanoseconds: 500_000)
            }
        }
    }

    private func cancelling(_ folder: URL, secureArea: (any SecureArea)? = nil) async throws {
        let begun = Date()
        try await Wallet.open(at: folder, secureArea: secureArea).shutdown()
        let length = Date().timeIntervalSince(begun)
        var cancelled = 0
        var done = 0
        for _ in 0..<300 {
            let opening = Task { try await Wallet.open(at: folder, secureArea: secureArea) }
            try await Task.sleep(nanoseconds: UInt64(Double.random(in: 0...1.5) * length * 1e9))
            opening.cancel()
            do {
                try await opening.value.shutdown()
                done += 1
            } catch is CancellationError {
                cancelled += 1
            }
            try await open(folder, secureArea: secureArea).shutdown()
        }
        XCTAssertGreaterThan(cancelled, 10, "none was cancelled before its end")
        XCTAssertGreaterThan(done, 10, "none was cancelled after its end")
    }

    func testOpeningThatIsCancelledKeepsNothing() async throws {
        let folder = try newFolder()
        try await Wallet.create(at: folder).shutdown()
        try await cancelling(folder)
    }

    func testOpeningThatIsCancelledOverAnAreaKeepsNothing() async throws {
        let folder = try newFolder()
        let area = TestArea()
        try await Wallet.create(at: folder, secureArea: area).shutdown()
        area.at("unwrap") { try? await Task.sleep(nanoseconds: 1_000_000) }
        try await cancelling(folder, secureArea: area)
    }

    func testASessionThatIsCancelledLeavesTheWalletInOrder() async throws {
        let fixtures = Fixtures.shared
        let wallet = try await walletOverArea(TestArea())
        let begun = Date()
        let first = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
        let whole = try Reader(trust: try fixtures.trust()).scan(first.qrText, request: .template("driving-licence"))
        _ = try await meet(first, whole) { _ in .approve(try first.everything()) }
        let length = Date().timeIntervalSince(begun)
        var accepted = 0
        for _ in 0..<60 {
            let presentation = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
            let session = try Reader(trust: try fixtures.trust()).scan(presentation.qrText, request: .template("driving-licence"))
            let (here, there) = MemoryCarrier.pair()
            async let verdict = session.run(over: there)
            let holding = Task { try await presentation.run(over: here) { _ in .approve(try presentation.everything()) } }
            try await Task.sleep(nanoseconds: UInt64(Double.random(in: 0...1.5) * length * 1e9))
            holding.cancel()
            let outcome = try? await holding.value
            let reader = try await verdict
            if reader.isAccepted { accepted += 1 }
            if outcome?.answers.isEmpty == false { XCTAssertTrue(reader.isAccepted) }
        }
        XCTAssertGreaterThan(accepted, 0, "none was cancelled after its answer")
        XCTAssertLessThan(accepted, 60, "none was cancelled before its answer")
        // What a reader was given stands in the history, whoever was cancelled in that moment; with it the first one.
        let history = try wallet.history()
        XCTAssertTrue(history.isIntact)
        XCTAssertGreaterThan(history.entries.filter { $0.outcome == .shown }.count, accepted)
        let presentation = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
        let session = try Reader(trust: try fixtures.trust()).scan(presentation.qrText, request: .template("driving-licence"))
        let meeting = try await meet(presentation, session) { _ in .approve(try presentation.everything()) }
        XCTAssertTrue(meeting.reader.isAccepted)
    }
}

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
        // The shortest of three: the first waits for much that the others find ready.
        var length = TimeInterval.infinity
        for _ in 0..<3 {
            let begun = Date()
            let presentation = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
            let session = try Reader(trust: try fixtures.trust()).scan(presentation.qrText, request: .template("driving-licence"))
            _ = try await meet(presentation, session) { _ in .approve(try presentation.everything()) }
            length = min(length, Date().timeIntervalSince(begun))
        }
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
        // What a reader was given stands in the history, whoever was cancelled in that moment; with it the three before.
        let history = try wallet.history()
        XCTAssertTrue(history.isIntact)
        XCTAssertGreaterThanOrEqual(history.entries.filter { $0.outcome == .shown }.count, accepted + 3)
        let presentation = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
        let session = try Reader(trust: try fixtures.trust()).scan(presentation.qrText, request: .template("driving-licence"))
        let meeting = try await meet(presentation, session) { _ in .approve(try presentation.everything()) }
        XCTAssertTrue(meeting.reader.isAccepted)
    }

    func testAnAnswerToACameraThatStandsInTheHistoryIsReturned() async throws {
        let fixtures = Fixtures.shared
        let wallet = try await wallet(with: ["citizen-identity"])
        let message = try Reader(trust: try fixtures.trust()).camera(.template("age-over-18")).message()
        func answering() throws -> Task<CameraAnswer, any Error> {
            let presentation = try wallet.answerCamera(message, trust: try fixtures.trust())
            let review = try presentation.resolve()
            let approval = try presentation.everything()
            return Task { try await presentation.respond(to: review, approval) }
        }
        let begun = Date()
        _ = try await answering().value
        let length = Date().timeIntervalSince(begun)
        var returned = 1
        var cancelled = 0
        for turn in 0..<200 {
            let answer = try answering()
            // Every other one at once: keys in a file sign without a pause in which it could end.
            if turn % 2 == 1 { try await Task.sleep(nanoseconds: UInt64(Double.random(in: 0...1) * length * 1e9)) }
            answer.cancel()
            do {
                _ = try await answer.value
                returned += 1
            } catch is CancellationError {
                cancelled += 1
            }
            XCTAssertEqual(try wallet.history().entries.filter { $0.outcome == .shown }.count, returned)
        }
        XCTAssertGreaterThan(cancelled, 0, "none was cancelled before its answer")
        XCTAssertGreaterThan(returned, 1, "none was cancelled after its answer")
    }

    func testARecoveryCodeIsReturnedAlsoToACancelledTask() async throws {
        let area = TestArea()
        let wallet = try await Wallet.create(at: try newFolder(), pin: "804117", secureArea: area)
        let asked = expectation(description: "the area was asked")
        asked.assertForOverFulfill = false
        for method in ["wrap", "unwrap"] {
            area.at(method) {
                asked.fulfill()
                try await Task.sleep(nanoseconds: 50_000_000)
            }
        }
        let making = Task { try await wallet.setRecoveryCode(pin: "804117") }
        await fulfillment(of: [asked], timeout: 20)
        making.cancel()
        let code = try await making.value
        try wallet.lock()
        try await wallet.recover(code: code, newPIN: "314159")
        XCTAssertFalse(try wallet.isLocked)
    }

    func testAnExportThatIsCancelledLeavesNoFile() async throws {
        let log = TestLog()
        let wallet = try await Wallet.create(at: try newFolder(), log: log)
        let folder = try newFolder()
        let exporting = Task {
            try await wallet.export(to: folder.appendingPathComponent("cancelled"), passphrase: "bốn con trâu qua cầu sáng sớm")
        }
        try await Task.sleep(nanoseconds: 10_000_000)
        exporting.cancel()
        do {
            _ = try await exporting.value
            XCTFail("not cancelled")
        } catch is CancellationError {}
        // It runs to its end, and what it wrote goes then.
        let end = Date().addingTimeInterval(60)
        while !log.records.contains(where: { $0.call == "export_file" }), Date() < end { try await Task.sleep(nanoseconds: 10_000_000) }
        XCTAssertEqual(log.records.first { $0.call == "export_file" }?.level, .info)
        try await Task.sleep(nanoseconds: 2_000_000_000)
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path), [])
    }

    func testAnUnlockWhoseTaskIsCancelledIsTold() async throws {
        let area = TestArea()
        let wallet = try await Wallet.create(at: try newFolder(), pin: "804117", secureArea: area)
        try wallet.lock()
        let asked = expectation(description: "the area was asked")
        asked.assertForOverFulfill = false
        area.at("unwrap") {
            asked.fulfill()
            try await Task.sleep(nanoseconds: 50_000_000)
        }
        let open = expectation(description: "the list is there")
        let lists = wallet.documents
        let following = Task {
            for await list in lists where !list.isLocked { open.fulfill() }
        }
        let unlocking = Task { try await wallet.unlock(pin: "804117") }
        await fulfillment(of: [asked], timeout: 20)
        unlocking.cancel()
        await fulfillment(of: [open], timeout: 20)
        following.cancel()
        do {
            try await unlocking.value
            XCTFail("not cancelled")
        } catch is CancellationError {}
    }
}

import Foundation
import Harness
import Idwallet
import XCTest

/// The error that a call throws; fails when it throws none or another kind.
func walletError(
    _ file: StaticString = #filePath, _ line: UInt = #line, _ body: () async throws -> Void
) async -> Idwallet.WalletError? {
    do {
        try await body()
        XCTFail("nothing was thrown", file: file, line: line)
    } catch let error as Idwallet.WalletError {
        return error
    } catch {
        XCTFail("not a WalletError: \(error)", file: file, line: line)
    }
    return nil
}

final class WalletTests: XCTestCase {
    let fixtures = Fixtures.shared

    func testCreateOpenAndList() async throws {
        let folder = try newFolder()
        let wallet = try await Wallet.create(at: folder)
        XCTAssertFalse(try wallet.isLocked)
        XCTAssertEqual(try wallet.listDocuments().documents, [])
        let imported = try await wallet.importDocument([fixtures.copy("driving-licence")], trust: fixtures.trust())
        wallet.shutdown()

        let again = try await Wallet.open(at: folder)
        let list = try again.listDocuments()
        XCTAssertEqual(list.documents.map(\.id), [imported.id])
        XCTAssertEqual(list.documents.first?.docType, "org.iso.18013.5.1.mDL")
        XCTAssertEqual(list.documents.first?.state, .active)
        XCTAssertEqual(list.documents.first?.title.en, "Driving licence")
        let document = try again.document(imported.id)
        XCTAssertEqual(document.claims.first { $0.element == "family_name" }?.shown.vi, "Tran")
        XCTAssertNotNil(document.claims.first { $0.element == "portrait" }?.image)
        let left = try await again.remove(imported.id)
        XCTAssertEqual(left, 0)
        XCTAssertEqual(try again.listDocuments().documents, [])
    }

    func testThereIsNoWalletYet() async throws {
        let folder = try newFolder()
        let error = await walletError { _ = try await Wallet.open(at: folder) }
        XCTAssertEqual(error?.code, "W504")
        XCTAssertEqual(error?.reaction, .createWallet)
    }

    func testASecondWalletInTheSameFolderIsRefused() async throws {
        let folder = try newFolder()
        let wallet = try await Wallet.create(at: folder)
        let created = await walletError { _ = try await Wallet.create(at: folder) }
        XCTAssertEqual(created?.code, "W505")
        let opened = await walletError { _ = try await Wallet.open(at: folder) }
        XCTAssertEqual(opened?.code, "W501")
        XCTAssertEqual(opened?.reaction, .closeOther)
        wallet.shutdown()
    }

    func testPINLockAndWaits() async throws {
        let folder = try newFolder()
        let clock = TestClock()
        let wallet = try await Wallet.create(at: folder, pin: "804117", clock: clock)
        XCTAssertFalse(try wallet.isLocked)
        try wallet.lock()
        XCTAssertTrue(try wallet.isLocked)
        let refused = await walletError { _ = try wallet.listDocuments() }
        XCTAssertEqual(refused?.code, "W110")

        let access = try await wallet.access()
        XCTAssertTrue(access.needsPIN)
        var left = access.triesLeft
        var last: WalletError?
        for _ in 0..<access.triesLeft {
            last = await walletError { try await wallet.unlock(pin: "804118") }
            if case .locked(let info, _, let tries) = last, info.code == "W111" {
                XCTAssertEqual(tries, left - 1)
                left -= 1
            }
        }
        guard case .locked(_, let wait, _) = last, let wait else { return XCTFail("no wait: \(String(describing: last))") }
        XCTAssertGreaterThan(wait, 0)
        let waiting = await walletError { try await wallet.unlock(pin: "804117") }
        XCTAssertEqual(waiting?.code, "W112")
        clock.advance(wait + 1)
        try await wallet.unlock(pin: "804117")
        XCTAssertFalse(try wallet.isLocked)

        try await wallet.changePIN(from: "804117", to: "271828")
        XCTAssertTrue(try wallet.hasPIN)
        XCTAssertFalse(try wallet.hasRecoveryCode)
        let code = try await wallet.setRecoveryCode(pin: "271828")
        XCTAssertTrue(try wallet.hasRecoveryCode)
        try wallet.lock()
        let whileLocked = await walletError { _ = try wallet.hasPIN }
        XCTAssertEqual(whileLocked?.code, "W110")
        try await wallet.recover(code: code, newPIN: "314159")
        XCTAssertFalse(try wallet.isLocked)
        try await wallet.removePIN("314159")
        XCTAssertFalse(try wallet.hasPIN)
        try wallet.lock()
        try await wallet.unlock()
    }

    func testBadPINs() async throws {
        let folder = try newFolder()
        for (pin, code) in [("123456", "W116"), ("12", "W115"), ("", "W115"), ("abcdef", "W115"), (String(repeating: "7", count: 1_000_000), "W115")]
        {
            let error = await walletError { _ = try await Wallet.create(at: folder, pin: pin) }
            XCTAssertEqual(error?.code, code)
        }
    }

    func testLocksWhenNobodyUsesIt() async throws {
        let clock = TestClock()
        let wallet = try await Wallet.create(at: try newFolder(), pin: "804117", clock: clock)
        try wallet.setIdleLimit(30)
        let wait = try wallet.lockIfIdle()
        XCTAssertNotNil(wait)
        clock.advance(31)
        XCTAssertNil(try wallet.lockIfIdle())
        XCTAssertTrue(try wallet.isLocked)
    }

    func testImportsOfBadDocuments() async throws {
        let clock = TestClock()
        let wallet = try await Wallet.create(at: try newFolder(), clock: clock)
        let trust = try fixtures.trust()
        let key = try fixtures.data("driving-licence.key")
        for (name, code) in [("altered.cbor", "W202"), ("other.cbor", "W203"), ("driving-licence.key", "W201")] {
            let copy = NewCopy(issuerSigned: try fixtures.data(name), deviceKey: key)
            let error = await walletError { _ = try await wallet.importDocument([copy], trust: trust) }
            XCTAssertEqual(error?.code, code, name)
        }
        let foreign = NewCopy(issuerSigned: try fixtures.data("driving-licence.cbor"))
        let unheld = await walletError { _ = try await wallet.importDocument([foreign], trust: trust) }
        XCTAssertEqual(unheld?.code, "W205")
        let good = try fixtures.copy("driving-licence")
        try wallet.setIdleLimit(100 * 365 * 86_400)
        clock.advance(20 * 365 * 86_400)
        let late = await walletError { _ = try await wallet.importDocument([good], trust: trust) }
        XCTAssertEqual(late?.code, "W204")
        XCTAssertEqual(try wallet.listDocuments().documents, [])
    }

    func testTheSameDocumentTwice() async throws {
        let wallet = try await Wallet.create(at: try newFolder())
        let (trust, copy) = (try fixtures.trust(), try fixtures.copy("driving-licence"))
        let imported = try await wallet.importDocument([copy], trust: trust)
        let error = await walletError { _ = try await wallet.importDocument([copy], trust: trust) }
        guard case .invalidState(let info, let document) = error else { return XCTFail("\(String(describing: error))") }
        XCTAssertEqual(info.code, "W207")
        XCTAssertEqual(document, imported.id)
    }

    func testDocumentsAreASequence() async throws {
        let wallet = try await Wallet.create(at: try newFolder(), pin: "804117")
        var lists = wallet.documents.makeAsyncIterator()
        let empty = await lists.next()
        XCTAssertEqual(empty?.documents.count, 0)
        XCTAssertEqual(empty?.isLocked, false)
        let imported = try await wallet.importDocument([fixtures.copy("driving-licence")], trust: fixtures.trust())
        let one = await lists.next()
        XCTAssertEqual(one?.documents.map(\.id), [imported.id])
        try wallet.lock()
        let locked = await lists.next()
        XCTAssertEqual(locked?.isLocked, true)
        XCTAssertEqual(locked?.documents, [])
        try await wallet.unlock(pin: "804117")
        let open = await lists.next()
        XCTAssertEqual(open?.documents.count, 1)
        wallet.shutdown()
        let end = await lists.next()
        XCTAssertNil(end)
    }

    func testExportAndRestore() async throws {
        let wallet = try await Wallet.create(at: try newFolder())
        let trust = try fixtures.trust()
        _ = try await wallet.importDocument([fixtures.copy("driving-licence")], trust: trust)
        let file = try newFolder().appendingPathComponent("papers.idwallet")
        let weak = await walletError { _ = try await wallet.export(to: file, passphrase: "short") }
        XCTAssertEqual(weak?.code, "W701")
        let phrase = "bốn con trâu qua cầu sáng sớm"
        let exported = try await wallet.export(to: file, passphrase: phrase)
        XCTAssertEqual(exported.documents, 1)

        let other = try await Wallet.create(at: try newFolder())
        let wrong = await walletError { _ = try await other.planRestore(from: file, passphrase: phrase + "!", trust: trust) }
        XCTAssertEqual(wrong?.code, "W707")
        let plan = try await other.planRestore(from: file, passphrase: phrase, trust: trust)
        XCTAssertEqual(plan.documents.map(\.isAdded), [true])
        let restored = try await plan.apply()
        XCTAssertEqual(restored.added.count, 1)
        XCTAssertEqual(try other.listDocuments().documents.count, 1)
        _ = await walletError { _ = try await plan.apply() }
    }

    func testSupportBundleAndLogHoldNoPersonalData() async throws {
        let log = TestLog()
        let wallet = try await Wallet.create(at: try newFolder(), log: log)
        _ = try await wallet.importDocument([fixtures.copy("citizen-identity")], trust: fixtures.trust())
        _ = try? wallet.document("no such id")
        let bundle = try wallet.supportBundle()
        XCTAssertNotNil(try JSONSerialization.jsonObject(with: Data(bundle.utf8)) as? [String: Any])
        XCTAssertFalse(log.records.isEmpty)
        XCTAssertTrue(log.records.contains { $0.level == .warning && $0.code != nil })
        let everything = bundle + log.records.map { $0.detail + $0.call + ($0.code ?? "") }.joined()
        for secret in ["Trần", "Văn Mẫu", "003090000017"] { XCTAssertFalse(everything.contains(secret)) }
    }

    func testErrorsSpeakBothLanguages() async throws {
        let folder = try newFolder()
        let thrown = await walletError { _ = try await Wallet.open(at: folder) }
        let error = try XCTUnwrap(thrown)
        XCTAssertEqual(error.text.vi, "Chưa có ví ở đây.")
        XCTAssertEqual(error.text.en, "There is no wallet here.")
        XCTAssertEqual(error.text.text(for: Locale(identifier: "vi_VN")), error.text.vi)
        XCTAssertEqual(error.text.text(for: Locale(identifier: "fr_FR")), error.text.en)
        let shown = (error as any Error).localizedDescription
        XCTAssertTrue([error.text.vi, error.text.en].contains(shown), shown)
        XCTAssertFalse(error.failureReason?.isEmpty ?? true)
    }
}

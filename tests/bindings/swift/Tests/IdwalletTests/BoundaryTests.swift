import Foundation
import Harness
import Idwallet
import XCTest

/// What an app can do wrong, and what the host survives.
final class BoundaryTests: XCTestCase {
    let fixtures = Fixtures.shared

    struct Undeclared: Error {}

    // MARK: - The secure area

    func testAnAreaThatThrowsWhatItDeclared() async throws {
        let area = TestArea()
        let wallet = try await walletOverArea(area)
        let cases: [(SecureAreaError, String)] = [
            (.userCancelled, "W101"), (.authenticationRequired, "W102"), (.keyInvalidated, "W103"), (.unavailable, "W104"),
            (.failed(platformCode: -50), "W105"), (.hardwareAbsent, "W106"),
        ]
        for (thrown, code) in cases {
            area.at("sign") { throw thrown }
            let presentation = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
            let session = try Reader(trust: try fixtures.trust()).scan(presentation.qrText, request: .template("driving-licence"))
            let meeting = try await meet(presentation, session) { _ in .approve(try presentation.everything()) }
            guard case .failure(let error) = meeting.holder, let error = error as? WalletError else {
                XCTFail("\(thrown): given")
                continue
            }
            XCTAssertEqual(error.code, code, "\(thrown)")
            XCTAssertEqual(meeting.reader.reports.count, 0)
            if case .keyInvalidated(_, let documents) = error { XCTAssertEqual(documents, try wallet.listDocuments().documents.map(\.id)) }
        }
    }

    func testAnAreaThatThrowsWhatItDidNotDeclare() async throws {
        let area = TestArea()
        let wallet = try await walletOverArea(area)
        area.at("createKey") { throw Undeclared() }
        let thrown = await walletError { _ = try await wallet.createDeviceKey(KeySpec(curve: .p256, purpose: .sign)) }
        guard case .internal = thrown else { return XCTFail("\(String(describing: thrown))") }
        XCTAssertEqual(try wallet.listDocuments().documents.count, 1)
        area.at("createKey", nil)
        _ = try await wallet.createDeviceKey(KeySpec(curve: .p256, purpose: .sign))
    }

    func testAnAreaThatHangs() async throws {
        let area = TestArea()
        let wallet = try await walletOverArea(area)
        let asked = expectation(description: "asked")
        area.at("createKey") {
            asked.fulfill()
            try await Task.sleep(nanoseconds: 3_600_000_000_000)
        }
        let waiting = Task { try await wallet.createDeviceKey(KeySpec(curve: .p256, purpose: .sign)) }
        await fulfillment(of: [asked], timeout: 20)
        // Others go on meanwhile.
        XCTAssertEqual(try wallet.listDocuments().documents.count, 1)
        waiting.cancel()
        do {
            _ = try await waiting.value
            XCTFail("not cancelled")
        } catch is CancellationError {}
        area.at("createKey", nil)
        _ = try await wallet.createDeviceKey(KeySpec(curve: .p256, purpose: .sign))
    }

    func testAnAreaThatCallsBackIn() async throws {
        let area = TestArea()
        let wallet = try await walletOverArea(area)
        let calls = Counter()
        area.at("createKey") {
            // Any of these may say no; none may wait for ever.
            _ = try? wallet.listDocuments()
            _ = try? wallet.history()
            _ = try? await wallet.importDocument([NewCopy(issuerSigned: Data([1]))], trust: TrustStore())
            calls.add()
        }
        _ = try await wallet.createDeviceKey(KeySpec(curve: .p256, purpose: .sign))
        XCTAssertEqual(calls.value, 1)

        area.at("createKey", nil)
        // The lock ends the session while the area is still in its call.
        let back = expectation(description: "the area came back")
        area.at("sign") {
            _ = try? wallet.listDocuments()
            _ = try? wallet.lock()
            back.fulfill()
        }
        let presentation = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
        let session = try Reader(trust: try fixtures.trust()).scan(presentation.qrText, request: .template("driving-licence"))
        _ = try await meet(presentation, session) { _ in .approve(try presentation.everything()) }
        await fulfillment(of: [back], timeout: 20)
    }

    func testAnAreaThatGivesNonsense() async throws {
        final class Nonsense: SecureArea {
            let inner = TestArea()
            func capabilities() async throws -> AreaCapabilities { try await inner.capabilities() }
            func createKey(_ spec: KeySpec) async throws -> CreatedKey { CreatedKey(id: Data(), publicKey: Data([1, 2, 3])) }
            func publicKey(of key: Data) async throws -> Data { Data() }
            func sign(_ data: Data, with key: Data) async throws -> Data { Data(repeating: 0xff, count: 1_000_000) }
            func agree(with peer: Data, using key: Data) async throws -> Data { Data() }
            func wrap(_ secret: Data, context: Data) async throws -> Data { try await inner.wrap(secret, context: context) }
            func unwrap(_ wrapped: Data, context: Data) async throws -> Data { try await inner.unwrap(wrapped, context: context) }
            func deleteKey(_ key: Data) async throws {}
        }
        let wallet = try await Wallet.create(at: try newFolder(), secureArea: Nonsense())
        _ = await walletError { _ = try await wallet.createDeviceKey(KeySpec(curve: .p256, purpose: .sign)) }
        XCTAssertEqual(try wallet.listDocuments().documents, [])
    }

    func testAnAreaIsKeptWhileTheWalletNeedsIt() async throws {
        let folder = try newFolder()
        weak var area: TestArea?
        let wallet: Wallet
        do {
            let made = TestArea()
            area = made
            wallet = try await Wallet.create(at: folder, secureArea: made)
        }
        XCTAssertNotNil(area)
        _ = try await wallet.createDeviceKey(KeySpec(curve: .p256, purpose: .sign))
    }

    // MARK: - Other ports

    func testAClockThatThrows() async throws {
        let clock = TestClock()
        let wallet = try await Wallet.create(at: try newFolder(), clock: clock)
        clock.fail(Undeclared())
        let thrown = await walletError { _ = try wallet.listDocuments() }
        guard case .internal = thrown else { return XCTFail("\(String(describing: thrown))") }
        clock.fail(nil)
        XCTAssertEqual(try wallet.listDocuments().documents, [])
    }

    // MARK: - Handles, threads, sizes

    func testAClosedWallet() async throws {
        let wallet = try await wallet(with: ["driving-licence"])
        let presentation = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
        wallet.shutdown()
        wallet.shutdown()
        let calls: [() async throws -> Void] = [
            { _ = try wallet.listDocuments() }, { _ = try wallet.isLocked }, { try wallet.lock() }, { _ = try wallet.history() },
            { try await wallet.unlock(pin: "804117") }, { _ = try await wallet.importDocument([], trust: TrustStore()) },
            { _ = try wallet.present(trust: TrustStore(), streamAddress: nowhere) }, { _ = try presentation.resolve() },
        ]
        for call in calls {
            guard let thrown = await walletError(#filePath, #line, call) else { continue }
            switch thrown {
            case .invalidState, .locked: break
            default: XCTFail("\(thrown)")
            }
        }
        presentation.cancel()
    }

    func testTwoHundredCallsAtOnce() async throws {
        let wallet = try await wallet(with: ["driving-licence"])
        let (fixtures, id) = (fixtures, try wallet.listDocuments().documents[0].id)
        let trust = try fixtures.trust()
        let failures = Counter()
        let done = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<200 {
                group.addTask {
                    switch index % 4 {
                    case 0: return try wallet.listDocuments().documents.count
                    case 1: return try wallet.document(id).claims.isEmpty ? 0 : 1
                    case 2:
                        do {
                            _ = try await wallet.importDocument([fixtures.copy("driving-licence")], trust: trust)
                            failures.add()
                        } catch let error as WalletError where error.code == "W207" {}
                        return 1
                    default: return try wallet.history().isIntact ? 1 : 0
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        XCTAssertEqual(done, 200)
        XCTAssertEqual(failures.value, 0)
        XCTAssertEqual(try wallet.listDocuments().documents.count, 1)
    }

    func testTwoHundredKeysAtOnceFromAnAreaThatTakesItsTime() async throws {
        let area = TestArea()
        let wallet = try await Wallet.create(at: try newFolder(), secureArea: area)
        area.at("createKey") {
            try await Task.sleep(nanoseconds: 5_000_000)
            throw SecureAreaError.userCancelled
        }
        let cancelled = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    do {
                        _ = try await wallet.createDeviceKey(KeySpec(curve: .p256, purpose: .sign))
                    } catch WalletError.userCancelled {
                        return true
                    } catch {}
                    return false
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        XCTAssertEqual(cancelled, 200)
    }

    func testHugeAndEmptyInputs() async throws {
        let wallet = try await Wallet.create(at: try newFolder())
        let trust = try fixtures.trust()
        for size in [0, 1, 32_000_000] {
            let bytes = Data(repeating: 0x5a, count: size)
            _ = await walletError { _ = try await wallet.importDocument([NewCopy(issuerSigned: bytes, deviceKey: bytes)], trust: trust) }
            _ = await walletError { try trust.addIssuerAnchors(bytes) }
            _ = await walletError { try trust.addRevocationLists(bytes, fetchedAt: Date()) }
            _ = await walletError { _ = try wallet.answerCamera(bytes, trust: trust) }
            _ = await walletError { _ = try wallet.updateStatus(bytes, trust: trust) }
        }
        _ = await walletError { _ = try await wallet.importDocument([], trust: trust) }
        _ = await walletError {
            _ = try await wallet.importDocument(Array(repeating: NewCopy(issuerSigned: Data([1])), count: 100_000), trust: trust)
        }
        _ = await walletError { _ = try wallet.document(String(repeating: "é", count: 1_000_000)) }
        _ = await walletError { _ = try QRCode(String(repeating: "a", count: 100_000)) }
        _ = await walletError { _ = try scanQRCodes(luminance: Data(), width: 4, height: 4) }
        _ = await walletError { _ = try scanQRCodes(luminance: Data([1]), width: -1, height: Int.max) }
        XCTAssertEqual(try scanQRCodes(luminance: Data(), width: -1, height: Int.max), [])
        XCTAssertEqual(try scanQRCodes(luminance: Data(), width: 0, height: 0), [])
        _ = await walletError { _ = try FrameEncoder(.request, Data()) }
        _ = await walletError { try FrameDecoder().push("not a frame") }
        _ = await walletError { _ = try Reader(trust: trust).scan("mdoc:", request: .template("age-over-18")) }
        _ = await walletError { _ = try Reader(trust: trust).camera(.template("no such template")) }
        XCTAssertEqual(try wallet.listDocuments().documents, [])
    }

    func testADateFarAwayIsAnErrorAndNoCrash() async throws {
        let trust = TrustStore()
        for date in [Date.distantFuture, Date.distantPast, Date(timeIntervalSince1970: .infinity), Date(timeIntervalSince1970: .nan)] {
            _ = await walletError { try trust.addRevocationLists(Data([0]), fetchedAt: date) }
        }
    }

    func testSocketsThatFail() async throws {
        do {
            _ = try await StreamCarrier.connect(to: "127.0.0.1:1")
            XCTFail("connected")
        } catch let error as StreamError {
            XCTAssertNotEqual(error.code, 0)
        }
        for address in ["", "localhost", "127.0.0.1:", "127.0.0.1:99999", "nowhere.example:80"] {
            do {
                _ = try StreamListener(on: address)
                XCTFail(address)
            } catch is StreamError {}
        }
        let listener = try StreamListener(on: "127.0.0.1:0")
        let waiting = Task { try await listener.accept() }
        try await Task.sleep(nanoseconds: 50_000_000)
        waiting.cancel()
        do {
            _ = try await waiting.value
            XCTFail("accepted")
        } catch {}
    }
}

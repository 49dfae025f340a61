import Foundation
import Harness
import Idwallet
import XCTest

final class PresentationTests: XCTestCase {
    let fixtures = Fixtures.shared

    private func reader(identity: ReaderIdentity? = nil, policy: ReaderPolicy = ReaderPolicy()) throws -> Reader {
        try Reader(trust: try fixtures.trust(), policy: policy, identity: identity)
    }

    func testPresentWithSelectiveDisclosure() async throws {
        let wallet = try await wallet(with: ["citizen-identity"])
        let presentation = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
        let session = try reader(identity: try fixtures.identity()).scan(presentation.qrText, request: .template("age-over-18"))
        let seen = Counter()
        let meeting = try await meet(presentation, session) { review in
            seen.add()
            XCTAssertTrue(review.canAnswer)
            XCTAssertFalse(review.hasBadReader)
            XCTAssertEqual(review.requests.first?.reader.state, .verified)
            XCTAssertNotNil(review.requests.first?.reader.name)
            return .approve(try presentation.everything())
        }
        XCTAssertEqual(seen.value, 1)
        XCTAssertTrue(meeting.reader.isAccepted, "\(meeting.reader.reports.flatMap(\.reasons).map(\.text.en))")
        let document = try XCTUnwrap(meeting.reader.reports.first?.accepted.first)
        XCTAssertTrue(document.isBound)
        XCTAssertEqual(document.claim("org.iso.23220.1", "age_over_18")?.value, .boolean(true))
        XCTAssertNil(document.claim("org.iso.23220.1", "family_name_unicode"))
        let outcome = try meeting.holder.get()
        XCTAssertEqual(outcome.answers.count, 1)
        XCTAssertEqual(outcome.answers.first?.logged, true)
        XCTAssertTrue(
            outcome.answers.first?.shared.first?.elements.contains(ElementName(nameSpace: "org.iso.23220.1", element: "age_over_18")) ?? false)

        let history = try wallet.history()
        XCTAssertTrue(history.isIntact)
        let entry = try XCTUnwrap(history.entries.last)
        XCTAssertEqual(entry.outcome, .shown)
        XCTAssertFalse(entry.shared.isEmpty)
        XCTAssertGreaterThanOrEqual(try wallet.deleteHistory(), history.entries.count)
        XCTAssertGreaterThan(try wallet.history().deleted, 0)
    }

    func testOverASocket() async throws {
        let wallet = try await wallet(with: ["citizen-identity"])
        let listener = try StreamListener(on: "127.0.0.1:0")
        let presentation = try wallet.present(trust: try fixtures.trust(), streamAddress: listener.address)
        let session = try reader().scan(presentation.qrText, request: .template("age-over-18"))
        let address = try XCTUnwrap(try session.streamAddress)
        XCTAssertEqual(address, listener.address)
        async let verdict = session.run(over: try await StreamCarrier.connect(to: address))
        let outcome = try await presentation.run(over: try await listener.accept()) { _ in .approve(try presentation.everything()) }
        XCTAssertEqual(outcome.answers.count, 1)
        let reader = try await verdict
        XCTAssertTrue(reader.isAccepted, "\(reader.reports.flatMap(\.reasons).map(\.text.en))")
    }

    func testDecline() async throws {
        let wallet = try await wallet(with: ["citizen-identity"])
        let presentation = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
        let session = try reader().scan(presentation.qrText, request: .template("age-over-18"))
        let meeting = try await meet(presentation, session) { _ in .decline }
        XCTAssertEqual(try meeting.holder.get().answers.count, 0)
        XCTAssertFalse(meeting.reader.isAccepted)
        XCTAssertEqual(meeting.reader.reports.flatMap(\.accepted).count, 0)
        XCTAssertEqual(try wallet.history().entries.last?.outcome, .declined)
    }

    func testWhatWasNotChosenIsNotGiven() async throws {
        let wallet = try await wallet(with: ["driving-licence"])
        let presentation = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
        let asked = ["family_name", "given_name", "document_number"].map { ElementName(nameSpace: "org.iso.18013.5.1", element: $0) }
        let request = ReaderRequest.elements([RequestedItems(docType: "org.iso.18013.5.1.mDL", elements: asked)])
        let session = try reader(policy: ReaderPolicy(requireAllElements: false)).scan(presentation.qrText, request: request)
        let meeting = try await meet(presentation, session) { _ in
            var approval = try presentation.everything()
            approval.choices[0].elements = [asked[0]]
            return .approve(approval)
        }
        let document = try XCTUnwrap(meeting.reader.reports.first?.accepted.first)
        XCTAssertEqual(document.claims.map(\.element), ["family_name"])
        XCTAssertEqual(document.claims.first?.value, .text("Tran"))

        let strict = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
        let all = try reader().scan(strict.qrText, request: request)
        let refused = try await meet(strict, all) { _ in
            var approval = try strict.everything()
            approval.choices[0].elements = [asked[0]]
            return .approve(approval)
        }
        XCTAssertFalse(refused.reader.isAccepted)
        XCTAssertEqual(refused.reader.reports.first?.reasons.map(\.kind).contains(.requestMismatch), true)
    }

    func testAnApprovalOfWhatWasNotAskedIsRefused() async throws {
        let wallet = try await wallet(with: ["citizen-identity"])
        let presentation = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
        let session = try reader().scan(presentation.qrText, request: .template("age-over-18"))
        let meeting = try await meet(presentation, session) { _ in
            var approval = try presentation.everything()
            approval.choices[0].elements.append(ElementName(nameSpace: "org.iso.23220.1", element: "document_number"))
            return .approve(approval)
        }
        guard case .failure(let error) = meeting.holder, let error = error as? WalletError else { return XCTFail("given") }
        XCTAssertEqual(error.code, "W305")
        XCTAssertEqual(error.reaction, .reviewAgain)
        XCTAssertEqual(meeting.reader.reports.count, 0)
    }

    func testCancelWhileThePersonDecides() async throws {
        let wallet = try await wallet(with: ["citizen-identity"])
        let presentation = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
        let session = try reader().scan(presentation.qrText, request: .template("age-over-18"))
        let (here, there) = MemoryCarrier.pair()
        let deciding = expectation(description: "the review is there")
        let holder = Task {
            try await presentation.run(over: here) { _ in
                deciding.fulfill()
                try await Task.sleep(nanoseconds: 60_000_000_000)
                return .decline
            }
        }
        async let verdict = session.run(over: there)
        await fulfillment(of: [deciding], timeout: 20)
        holder.cancel()
        do {
            _ = try await holder.value
            XCTFail("not cancelled")
        } catch is CancellationError {}
        let reader = try await verdict
        XCTAssertEqual(reader.reports.count, 0)
        XCTAssertFalse(reader.isAccepted)
        XCTAssertEqual(try wallet.history().entries.last?.outcome, .cancelled)
        // The wallet is none the worse.
        XCTAssertEqual(try wallet.listDocuments().documents.count, 1)
    }

    func testCancelWhileTheKeyIsUsed() async throws {
        let area = TestArea()
        let wallet = try await walletOverArea(area)
        let presentation = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
        let session = try reader().scan(presentation.qrText, request: .template("driving-licence"))
        let signing = expectation(description: "the area was asked to sign")
        area.at("sign") {
            signing.fulfill()
            try await Task.sleep(nanoseconds: 60_000_000_000)
        }
        let (here, there) = MemoryCarrier.pair()
        let holder = Task { try await presentation.run(over: here) { _ in .approve(try presentation.everything()) } }
        async let verdict = session.run(over: there)
        await fulfillment(of: [signing], timeout: 20)
        holder.cancel()
        do {
            _ = try await holder.value
            XCTFail("not cancelled")
        } catch is CancellationError {}
        let reader = try await verdict
        XCTAssertEqual(reader.reports.count, 0)

        // The next one, with an area that answers, goes well.
        area.at("sign", nil)
        let next = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
        let again = try self.reader().scan(next.qrText, request: .template("driving-licence"))
        let meeting = try await meet(next, again) { _ in .approve(try next.everything()) }
        XCTAssertTrue(meeting.reader.isAccepted, "\(meeting.reader.reports.flatMap(\.reasons).map(\.text.en))")
    }

    func testAReaderMayConnectAgainBeforeItSaidAnything() async throws {
        let wallet = try await wallet(with: ["citizen-identity"])
        let presentation = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
        let (here, there) = MemoryCarrier.pair()
        there.close()
        let outcome = try await presentation.run(over: here) { _ in .decline }
        XCTAssertEqual(outcome.reason, .connectionLost)
        XCTAssertTrue(outcome.mayReconnect)
        XCTAssertEqual(outcome.answers, [])
        let session = try reader().scan(presentation.qrText, request: .template("age-over-18"))
        let meeting = try await meet(presentation, session) { _ in .approve(try presentation.everything()) }
        XCTAssertTrue(meeting.reader.isAccepted)
    }

    func testTheConnectionBreaksOffWhileThePersonDecides() async throws {
        let wallet = try await wallet(with: ["citizen-identity"])
        let presentation = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
        let session = try reader().scan(presentation.qrText, request: .template("age-over-18"))
        let (here, there) = MemoryCarrier.pair()
        async let verdict = session.run(over: there)
        let outcome = try await presentation.run(over: here) { _ in
            there.close()
            try await Task.sleep(nanoseconds: 60_000_000_000)
            return .decline
        }
        XCTAssertEqual(outcome.reason, .connectionLost)
        XCTAssertFalse(outcome.mayReconnect)
        XCTAssertEqual(outcome.answers, [])
        let reader = try await verdict
        XCTAssertEqual(reader.reason, .connectionLost)
        let over = await walletError { _ = try presentation.resolve() }
        XCTAssertEqual(over?.code.hasPrefix("W3"), true)
    }

    func testStatesAreASequence() async throws {
        let wallet = try await wallet(with: ["citizen-identity"])
        let presentation = try wallet.present(trust: try fixtures.trust(), streamAddress: nowhere)
        let states = presentation.states
        let names = Task {
            var names: [String] = []
            for await state in states {
                switch state {
                case .waiting: names.append("waiting")
                case .deciding: names.append("deciding")
                case .answering: names.append("answering")
                case .answered: names.append("answered")
                case .ended: names.append("ended")
                }
            }
            return names
        }
        let session = try reader().scan(presentation.qrText, request: .template("age-over-18"))
        _ = try await meet(presentation, session) { _ in .approve(try presentation.everything()) }
        let all = await names.value
        XCTAssertEqual(all, ["waiting", "deciding", "answering", "answered", "ended"])
    }

    func testCameraToCamera() async throws {
        let wallet = try await wallet(with: ["citizen-identity"])
        let camera = try reader(identity: try fixtures.identity()).camera(.template("age-over-18"))
        let request = try film(.request, camera.message(), losing: 2)
        let presentation = try wallet.answerCamera(request, trust: try fixtures.trust())
        let review = try presentation.resolve()
        XCTAssertEqual(review.requests.first?.reader.state, .verified)
        let answer = try await presentation.respond(to: review, try presentation.everything())
        guard case .report(let report) = try camera.received(try film(.response, answer.screenMessage, losing: 3)) else {
            return XCTFail("no report")
        }
        XCTAssertTrue(report.isAccepted, "\(report.reasons.map(\.text.en))")
    }

    func testCameraDecline() async throws {
        let wallet = try await wallet(with: ["citizen-identity"])
        let camera = try reader().camera(.template("age-over-18"))
        let presentation = try wallet.answerCamera(try camera.message(), trust: try fixtures.trust())
        _ = try presentation.resolve()
        guard case .report(let report) = try camera.received(try presentation.decline().screenMessage) else { return }
        XCTAssertFalse(report.isAccepted)
    }

    /// Every frame but each n-th, through the picture of its QR code.
    private func film(_ kind: MessageKind, _ message: Data, losing n: UInt32) throws -> Data {
        let encoder = try FrameEncoder(kind, message)
        let decoder = FrameDecoder(kind)
        for index: UInt32 in 0..<1000 where index % n != 1 {
            let code = try QRCode(encoder.frame(index))
            let scale = 4
            let side = (code.size + 8) * scale
            var luminance = Data(repeating: 255, count: side * side)
            for y in 0..<side {
                for x in 0..<side where code.isDark(column: x / scale - 4, row: y / scale - 4) { luminance[y * side + x] = 0 }
            }
            for text in try scanQRCodes(luminance: luminance, width: side, height: side) { try decoder.push(text) }
            if let message = decoder.message() { return message }
        }
        throw WalletTestError.incomplete
    }

    enum WalletTestError: Error { case incomplete }

    func testAttacksAreRefusedForTheirOwnReason() async throws {
        let cases: [(String, Reason.Kind)] = [
            ("altered-name", .invalid), ("moved-digest", .invalid), ("expired", .expired), ("unknown-issuer", .untrusted),
            ("other-transcript", .notBound), ("own-element", .invalid), ("reader-as-issuer", .untrusted),
        ]
        let reader = try reader()
        for (name, kind) in cases {
            let report = try reader.verify(
                response: try fixtures.data("demo/attacks/\(name).response.cbor"),
                sessionTranscript: try fixtures.data("demo/attacks/\(name).transcript.cbor"))
            XCTAssertFalse(report.isAccepted, name)
            XCTAssertTrue(report.accepted.isEmpty, name)
            XCTAssertTrue(report.reasons.map(\.kind).contains(kind), "\(name): \(report.reasons.map { "\($0.kind): \($0.text.en)" })")
            XCTAssertTrue(report.reasons.allSatisfy { !$0.text.vi.isEmpty && !$0.text.en.isEmpty && $0.text.vi != $0.text.en }, name)
        }
        let good = try reader.verify(
            response: try fixtures.data("demo/reports/age.response.cbor"), sessionTranscript: try fixtures.data("demo/reports/age.transcript.cbor"))
        XCTAssertTrue(good.isAccepted)
    }

    func testWhatIsNoDeviceResponse() async throws {
        let reader = try reader()
        let transcript = try fixtures.data("demo/reports/age.transcript.cbor")
        for bytes in [Data(), Data([0xff]), Data(repeating: 0x9f, count: 100_000)] {
            do {
                let report = try reader.verify(response: bytes, sessionTranscript: transcript)
                XCTAssertFalse(report.isAccepted)
            } catch is WalletError {}
        }
    }

    func testEveryTemplateHasAName() {
        let templates = Reader.requestTemplates()
        XCTAssertGreaterThanOrEqual(templates.count, 5)
        XCTAssertTrue(templates.allSatisfy { !$0.title.vi.isEmpty && !$0.title.en.isEmpty })
        XCTAssertTrue(templates.map(\.id).contains("age-over-18"))
    }
}

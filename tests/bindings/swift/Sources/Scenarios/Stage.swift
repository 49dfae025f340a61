import Foundation
import Harness
import Idwallet

/// Where a scenario is played.
final class Stage: @unchecked Sendable {
    private let fixtures = Fixtures.shared
    private let home: URL
    private let clock = TestClock(uptime: 1000)
    private var number = 0
    private var area: TestArea?
    private var wallet: Wallet?

    init() throws {
        home = try newFolder()
    }

    deinit {
        wallet?.shutdown()
        try? FileManager.default.removeItem(at: home)
    }

    private var folder: URL { home.appendingPathComponent("wallet-\(number)") }
    private var export: URL { home.appendingPathComponent("export.idwallet") }

    private func open() throws -> Wallet {
        guard let wallet else { throw Mismatch(text: "no wallet is open") }
        return wallet
    }

    private func close() {
        wallet?.shutdown()
        wallet = nil
    }

    func play(_ step: Step) async throws {
        switch step.text("do") {
        case "create":
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            area = step.text("area") == "own" ? TestArea() : nil
            _ = try await step.run {
                self.wallet = try await Wallet.create(at: self.folder, pin: step.text("pin"), secureArea: self.area, clock: self.clock)
            }
        case "reopen":
            close()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            _ = try await step.run { self.wallet = try await Wallet.open(at: self.folder, secureArea: self.area, clock: self.clock) }
        case "forget":
            close()
            area = nil
            number += 1
        case "device-key":
            _ = try await step.run { _ = try await self.open().createDeviceKey(KeySpec(curve: .p256, purpose: .sign)) }
        case "import": try await importDocument(step)
        case "list":
            if let list = try await step.run({ try self.open().listDocuments() }) {
                try same("documents", step.number("count"), list.documents.count)
            }
        case "show":
            let document = try open().document(open().listDocuments().documents[step.number("index")].id)
            let claim = document.claims.first { $0.element == step.text("claim") }
            guard let claim, !claim.shown.en.isEmpty else { throw Mismatch(text: "the document does not show it") }
        case "remove":
            _ = try await step.run {
                let wallet = try self.open()
                try await wallet.remove(wallet.listDocuments().documents[step.number("index")].id)
            }
        case "lock": _ = try await step.run { try self.open().lock() }
        case "unlock": _ = try await step.run { try await self.open().unlock(pin: step.text("pin")) }
        case "wait": clock.advance(TimeInterval(try step.number("seconds")))
        case "area":
            let error: SecureAreaError
            switch step.text("sign") {
            case "UserCancelled": error = .userCancelled
            case "KeyInvalidated": error = .keyInvalidated
            default: throw Mismatch(text: "unknown error of an area")
            }
            area?.at("sign") { throw error }
        case "present": try await present(step)
        case "cancel": try await leave(step) { presentation, _ in presentation.cancel() }
        case "lose": try await leave(step) { _, carrier in carrier.close() }
        case "history":
            let history = try open().history()
            try same("outcomes", step.fields["outcomes"] as? [String] ?? [], history.entries.map { Self.snake($0.outcome.rawValue) })
            guard history.isIntact else { throw Mismatch(text: "the history is not intact") }
        case "damage":
            close()
            let vault = folder.appendingPathComponent("vault.db")
            var bytes = try Data(contentsOf: vault)
            let offset = try step.number("offset")
            for place in offset..<(offset + (try step.number("bytes"))) { bytes[place] ^= 0xff }
            try bytes.write(to: vault)
        case "export":
            _ = try await step.run { _ = try await self.open().export(to: self.export, passphrase: step.text("passphrase") ?? "") }
        case "restore":
            let restored = try await step.run {
                let trust = try self.fixtures.trust()
                let plan = try await self.open().planRestore(from: self.export, passphrase: step.text("passphrase") ?? "", trust: trust)
                return try await plan.apply()
            }
            if let restored { try same("restored", step.number("count"), restored.added.count) }
        case "verify": try verify(step)
        case let other: throw Mismatch(text: "unknown step \(other ?? "")")
        }
    }

    private func importDocument(_ step: Step) async throws {
        guard let name = step.text("document") else { throw Mismatch(text: "the step names no document") }
        let issuerSigned = try fixtures.data("\(name).cbor")
        // What is wrong with a document is not its key.
        let key = try area == nil ? (try? fixtures.data("\(name).key")) ?? fixtures.data("driving-licence.key") : nil
        _ = try await step.run {
            let copy = NewCopy(issuerSigned: issuerSigned, deviceKey: key)
            _ = try await self.open().importDocument([copy], trust: self.fixtures.trust(), strictness: .iso)
        }
    }

    // MARK: - Meetings

    private func reader(_ step: Step) throws -> Reader {
        let name = step.text("identity") ?? "reader"
        let identity = name == "none" ? nil : ReaderIdentity(privateKey: try fixtures.data("\(name).key"), chain: try fixtures.data("\(name).pem"))
        let policy = ReaderPolicy(strictness: .iso, requireAllElements: step.fields["strict"] as? Bool ?? false)
        return try Reader(trust: fixtures.trust(), policy: policy, identity: identity, clock: clock)
    }

    private func request(_ step: Step) -> ReaderRequest { .template(step.text("ask") ?? "") }

    private func decision(_ step: Step, _ review: Review, _ everything: Approval, _ preselected: Approval) -> Presentation.Decision {
        let approval: Approval
        switch step.fields["approve"] {
        case "everything" as String: approval = everything
        case "preselected" as String: approval = preselected
        case let names as [String]:
            let choices = review.requests.enumerated().compactMap { index, request -> ApprovedDocument? in
                guard let candidate = request.candidates.first else { return nil }
                let elements = candidate.elements.map(\.asked.name).filter { names.contains($0.element) }
                return elements.isEmpty ? nil : ApprovedDocument(request: index, document: candidate.document, elements: elements)
            }
            approval = Approval(choices: choices)
        default: approval = Approval(choices: [])
        }
        return approval.choices.allSatisfy(\.elements.isEmpty) ? .decline : .approve(approval)
    }

    private func present(_ step: Step) async throws {
        let met = try await step.run { () async throws -> (Report?, String?) in
            step.text("by") == "camera" ? try await self.byCamera(step) : try await self.fromHandToHand(step)
        }
        guard let (report, state) = met else { return }
        if let wanted = step.text("reader") { try same("reader", wanted.lowercased(), state ?? "") }
        try judge(step, report)
    }

    private func fromHandToHand(_ step: Step) async throws -> (Report?, String?) {
        let presentation = try open().present(trust: fixtures.trust(), streamAddress: nowhere)
        let session = try reader(step).scan(presentation.qrText, request: request(step))
        let state = Box<String?>(nil)
        let meeting = try await meet(presentation, session) { review in
            state.value = review.requests.first?.reader.state.rawValue
            return self.decision(step, review, try presentation.everything(), try presentation.preselected())
        }
        _ = try meeting.holder.get()
        return (meeting.reader.reports.first, state.value)
    }

    private func byCamera(_ step: Step) async throws -> (Report?, String?) {
        let camera = try reader(step).camera(request(step))
        let presentation = try open().answerCamera(try film(.request, camera.message()), trust: fixtures.trust())
        let review = try presentation.resolve()
        let message: Data
        switch decision(step, review, try presentation.everything(), try presentation.preselected()) {
        case .approve(let approval, _): message = try await presentation.respond(to: review, approval).screenMessage
        case .decline: message = try presentation.decline().screenMessage
        }
        let state = review.requests.first?.reader.state.rawValue
        switch try camera.received(try film(.response, message)) {
        case .report(let report): return (report, state)
        case .noAnswer: return (nil, state)
        }
    }

    /// A message as a camera gets it that misses every second frame.
    private func film(_ kind: MessageKind, _ message: Data) throws -> Data {
        let encoder = try FrameEncoder(kind, message)
        let decoder = FrameDecoder(kind)
        for index in stride(from: UInt32(0), to: 10_000, by: 2) {
            if try decoder.push(encoder.frame(index)).isComplete, let message = decoder.message() { return message }
        }
        throw Mismatch(text: "the frames did not suffice")
    }

    /// A session that ends while the person is asked: no answer comes, and nothing fails.
    private func leave(_ step: Step, _ how: @escaping @Sendable (Presentation, MemoryCarrier) -> Void) async throws {
        let presentation = try open().present(trust: fixtures.trust(), streamAddress: nowhere)
        let session = try reader(step).scan(presentation.qrText, request: request(step))
        let (here, there) = MemoryCarrier.pair()
        async let verdict = session.run(over: there)
        let asked = Box(false)
        let began = Date()
        do {
            let outcome = try await presentation.run(over: here) { _ in
                asked.value = true
                how(presentation, there)
                // The session ends by itself, and with it this question.
                try await Task.sleep(nanoseconds: 30_000_000_000)
                return .approve(try presentation.everything())
            }
            guard outcome.answers.isEmpty else { throw Mismatch(text: "there was an answer") }
        } catch let error as WalletError where error.kind == "InvalidState" {}
        guard asked.value else { throw Mismatch(text: "nobody was asked") }
        guard Date().timeIntervalSince(began) < 20 else { throw Mismatch(text: "the session did not end by itself") }
        let reader = try await verdict
        guard reader.reports.isEmpty else { throw Mismatch(text: "there was an answer") }
    }

    private func verify(_ step: Step) throws {
        guard let response = step.text("response") else { throw Mismatch(text: "the step names no response") }
        let trust = try fixtures.trust()
        if let crl = step.text("crl") { try trust.addRevocationLists(fixtures.data("demo/\(crl)"), fetchedAt: clock.now().date) }
        let reader = try Reader(trust: trust, policy: ReaderPolicy(strictness: .iso, requireAllElements: false), clock: clock)
        let report = try reader.verify(
            response: fixtures.data("demo/\(response).response.cbor"),
            sessionTranscript: fixtures.data("demo/\(step.text("transcript") ?? response).transcript.cbor"))
        try judge(step, report)
    }

    private func judge(_ step: Step, _ report: Report?) throws {
        guard let wanted = step.fields["expect"] as? [String: Any], let accepted = wanted["accepted"] as? Bool else {
            throw Mismatch(text: "the step expects nothing")
        }
        let reasons = report?.reasons ?? []
        let kinds = report == nil ? ["Response"] : reasons.map { $0.kind.rawValue.prefix(1).uppercased() + $0.kind.rawValue.dropFirst() }
        guard accepted == report?.isAccepted ?? false else {
            throw Mismatch(text: "accepted: \(!accepted), because of \(reasons.map(\.text.en))")
        }
        if let claims = wanted["claims"] as? [String] {
            let given = report?.accepted.flatMap { $0.claims.map(\.element) } ?? []
            try same("claims", claims.sorted(), given.sorted())
        }
        for kind in wanted["kinds"] as? [String] ?? [] where !kinds.contains(kind) { throw Mismatch(text: "reasons \(kinds) without \(kind)") }
        if let check = wanted["check"] as? String, !reasons.compactMap(\.check).contains(check) {
            throw Mismatch(text: "refused by \(reasons.compactMap(\.check)) and not \(check)")
        }
    }

    /// `nothingToGive` as `nothing_to_give`.
    private static func snake(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
    }
}

/// A value that a closure fills.
final class Box<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var inside: Value

    init(_ value: Value) {
        inside = value
    }

    var value: Value {
        get {
            lock.lock()
            defer { lock.unlock() }
            return inside
        }
        set {
            lock.lock()
            defer { lock.unlock() }
            inside = newValue
        }
    }
}

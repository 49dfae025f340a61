import Foundation
import Idwallet
import IdwalletApple
import SwiftUI

/// The holder's side: a QR code for a reader, or the reader's screen filmed and answered on this one.
struct PresentView: View {
    @EnvironmentObject private var model: WalletModel
    @StateObject private var session = PresentModel()

    var body: some View {
        NavigationStack {
            content
                .navigationTitle(Words.present.text)
                .toolbar {
                    ToolbarItem(placement: .cancellationAction) {
                        if session.isRunning { Button(Words.cancel.text) { session.cancel() } }
                    }
                }
        }
        // A wallet that locks takes the screen away; a session without one would go on unseen.
        .onDisappear { if !model.isOpen { session.cancel() } }
    }

    @ViewBuilder private var content: some View {
        switch session.stage {
        case .idle:
            VStack(spacing: 24) {
                Button(Words.presentByCode.text) { session.byCode(model) }.buttonStyle(.borderedProminent)
                Button(Words.presentByCamera.text) { session.byCamera(model) }.buttonStyle(.bordered)
                if let end = session.end { Text(end) }
            }
            .font(.title3)
        case .code(let text):
            VStack(spacing: 16) {
                QRCodeView(text: text)
                Text(Words.showToReader.text)
                Text(Words.waiting.text).foregroundStyle(.secondary)
            }
            .padding()
        case .scanning(let progress):
            VStack {
                CameraPreview(scanner: session.scanner)
                Text(progress)
            }
        case .deciding(let review, let start):
            ConsentView(review: review, start: start, reveals: session.reveals) { session.decide($0) }
        case .working: ProgressView(Words.signing.text)
        case .answer(let message):
            VStack(spacing: 16) {
                AnimatedCodeView(kind: .response, message: message)
                Text(Words.showAnswer.text)
                Button(Words.done.text) { session.cancel() }
            }
            .padding()
        }
    }
}

@MainActor
final class PresentModel: ObservableObject {
    enum Stage {
        case idle
        case code(String)
        case scanning(String)
        case deciding(Review, Approval)
        case working
        case answer(Data)
    }

    @Published var stage = Stage.idle
    @Published var end: String?
    let scanner = CameraScanner()
    private var task: Task<Void, Never>?
    private var waiting: CheckedContinuation<Presentation.Decision, Never>?
    /// What a choice reveals beside itself, asked of the session that runs.
    private(set) var reveals: (Approval) -> [LocalizedText] = { _ in [] }

    var isRunning: Bool { task != nil }

    func cancel() {
        decide(.decline)
        task?.cancel()
    }

    func decide(_ decision: Presentation.Decision) {
        guard let waiting else { return }
        self.waiting = nil
        stage = .working
        waiting.resume(returning: decision)
    }

    private func ask(_ review: Review, _ start: Approval) async -> Presentation.Decision {
        // An earlier question that the session did not wait for any more.
        decide(.decline)
        stage = .deciding(review, start)
        return await withCheckedContinuation { waiting = $0 }
    }

    private func run(_ model: WalletModel, _ body: @escaping @MainActor (Wallet) async throws -> Void) {
        guard task == nil else { return }
        end = nil
        task = Task {
            await model.attempt(body)
            // The reader may have gone, or the time, while the person was asked.
            decide(.decline)
            stage = .idle
            task = nil
        }
    }

    func byCode(_ model: WalletModel) {
        run(model) { [self] wallet in
            guard let address = StreamListener.localAddresses().first else { throw StreamError(code: ENETDOWN) }
            let listener = try StreamListener(on: "\(address):0")
            let presentation = try wallet.present(trust: model.trust, streamAddress: listener.address)
            reveals = { (try? presentation.givesAway($0)) ?? [] }
            stage = .code(presentation.qrText)
            let carrier = try await listener.accept()
            let outcome = try await presentation.run(over: carrier) { review in
                await self.ask(review, try presentation.preselected())
            }
            end = outcome.text.localized
        }
    }

    func byCamera(_ model: WalletModel) {
        run(model) { [self] wallet in
            stage = .scanning("")
            let request = try await scanner.message(.request) { progress in
                Task { @MainActor in self.stage = .scanning("\(progress.received)/\(progress.needed)") }
            }
            let presentation = try wallet.answerCamera(request, trust: model.trust)
            reveals = { (try? presentation.givesAway($0)) ?? [] }
            let message: Data
            do {
                let review = try presentation.resolve()
                switch await ask(review, try presentation.preselected()) {
                case .approve(let approval, _): message = try await presentation.respond(to: review, approval).screenMessage
                case .decline: message = try presentation.decline().screenMessage
                }
            } catch {
                // A faulty request is answered too, so that the reader does not wait.
                guard let failure = presentation.failureMessage() else { throw error }
                model.problem = error.localizedDescription
                message = failure
            }
            stage = .answer(message)
            // Until the person says that the reader has it.
            while !Task.isCancelled { try await Task.sleep(nanoseconds: 200_000_000) }
        }
    }
}

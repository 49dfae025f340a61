import Foundation
import Idwallet
import IdwalletApple
import SwiftUI
import UIKit

/// The verifier's side: choose what to ask, scan, see the verdict.
struct ReaderView: View {
    @EnvironmentObject private var model: WalletModel
    @StateObject private var session = ReaderModel()

    var body: some View {
        NavigationStack {
            content.navigationTitle(Words.reader.text)
        }
    }

    @ViewBuilder private var content: some View {
        switch session.stage {
        case .idle:
            Form {
                Picker(Words.asks.text, selection: $session.template) {
                    ForEach(session.templates) { Text($0.title.text).tag($0.id) }
                }
                Button(Words.scan.text) { session.scan(model.trust) }
                Button(Words.askByScreen.text) { session.askByScreen(model.trust) }
                if let problem = session.problem { Text(problem).foregroundStyle(.red) }
            }
        case .scanning(let progress):
            VStack {
                CameraPreview(scanner: session.scanner)
                Text(progress)
                Button(Words.cancel.text) { session.cancel() }
            }
        case .waiting: ProgressView(Words.waiting.text)
        case .screen(let message):
            VStack(spacing: 16) {
                AnimatedCodeView(kind: .request, message: message)
                Button(Words.scanAnswer.text) { session.scanAnswer() }
                Button(Words.cancel.text) { session.cancel() }
            }
            .padding()
        case .verdict(let reports, let text): VerdictView(reports: reports, text: text) { session.stage = .idle }
        }
    }
}

struct VerdictView: View {
    let reports: [Report]
    let text: String
    let done: () -> Void

    private var isAccepted: Bool { !reports.isEmpty && reports.allSatisfy(\.isAccepted) }

    var body: some View {
        List {
            Section {
                Label(
                    reports.isEmpty ? Words.noAnswer.text : isAccepted ? Words.accepted.text : Words.refused.text,
                    systemImage: isAccepted ? "checkmark.circle.fill" : "xmark.octagon.fill"
                )
                .font(.title)
                .foregroundStyle(isAccepted ? Color.green : Color.red)
                if reports.isEmpty { Text(text) }
                ForEach(reports.flatMap(\.reasons), id: \.self) { Text($0.text.text) }
            }
            ForEach(reports.flatMap(\.accepted), id: \.self) { document in
                Section {
                    if let portrait = document.portrait, let picture = UIImage(data: portrait) {
                        Image(uiImage: picture).resizable().scaledToFit().frame(maxHeight: 200)
                    }
                    ForEach(document.claims, id: \.self) { LabeledContent($0.label.text, value: $0.shown.text) }
                } header: {
                    Text(document.title.text)
                }
            }
            Button(Words.done.text, action: done)
        }
    }
}

@MainActor
final class ReaderModel: ObservableObject {
    enum Stage {
        case idle
        case scanning(String)
        case waiting
        case screen(Data)
        case verdict([Report], String)
    }

    @Published var stage = Stage.idle
    @Published var problem: String?
    @Published var template = "age-over-18"
    let templates = Reader.requestTemplates()
    let scanner = CameraScanner()
    private var task: Task<Void, Never>?
    private var camera: CameraReader?

    func cancel() {
        task?.cancel()
        stage = .idle
    }

    private func run(_ body: @escaping @MainActor () async throws -> Void) {
        problem = nil
        task?.cancel()
        task = Task {
            do {
                try await body()
            } catch is CancellationError {
            } catch {
                problem = error.localizedDescription
                stage = .idle
            }
        }
    }

    func scan(_ trust: TrustStore) {
        run { [self] in
            stage = .scanning("")
            let reader = try Reader(trust: trust)
            for await text in try await scanner.texts() where text.hasPrefix("mdoc:") {
                let session = try reader.scan(text, request: .template(template))
                stage = .waiting
                guard let address = try session.streamAddress else { break }
                let outcome = try await session.run(over: try await StreamCarrier.connect(to: address))
                stage = .verdict(outcome.reports, outcome.text.localized)
                return
            }
            stage = .idle
        }
    }

    func askByScreen(_ trust: TrustStore) {
        run { [self] in
            let camera = try Reader(trust: trust).camera(.template(template))
            self.camera = camera
            stage = .screen(try camera.message())
        }
    }

    func scanAnswer() {
        guard let camera else { return }
        run { [self] in
            stage = .scanning("")
            let answer = try await scanner.message(.response) { progress in
                Task { @MainActor in self.stage = .scanning("\(progress.received)/\(progress.needed)") }
            }
            switch try camera.received(answer) {
            case .report(let report): stage = .verdict([report], "")
            case .noAnswer(let text): stage = .verdict([], text.localized)
            }
        }
    }
}

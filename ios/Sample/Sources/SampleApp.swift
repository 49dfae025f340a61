import Idwallet
import SwiftUI

/// The sample: a wallet and, on its last tab, a reader.
@main
struct SampleApp: App {
    @StateObject private var model = WalletModel()
    @Environment(\.scenePhase) private var phase

    var body: some Scene {
        WindowGroup {
            RootView()
                .environmentObject(model)
                // The switcher of apps takes a picture of the screen: it shall not have a document on it.
                .overlay { if phase != .active { PrivacyCover() } }
                .task { model.start() }
                .task(id: phase) { if phase == .active { await model.lockIfIdle() } }
        }
    }
}

struct PrivacyCover: View {
    var body: some View {
        ZStack {
            Color.white
            Image(systemName: "wallet.pass").font(.largeTitle)
        }
        .ignoresSafeArea()
        .accessibilityHidden(true)
    }
}

struct RootView: View {
    @EnvironmentObject private var model: WalletModel

    var body: some View {
        Group {
            switch model.stage {
            case .starting: ProgressView()
            case .failed(let text): FailureView(text: text)
            case .locked: LockView()
            case .open: MainView()
            }
        }
        .accessibilityHidden(model.newCode != nil)
        // Over everything, also over a lock that comes meanwhile, until its owner has it on paper.
        .overlay { if let code = model.newCode { NewCodeView(code: code) { model.newCode = nil } } }
        .alert(Words.error.text, isPresented: model.hasProblem) {
            Button(Words.ok.text) { model.problem = nil }
        } message: {
            Text(model.problem ?? "")
        }
    }
}

struct MainView: View {
    var body: some View {
        TabView {
            DocumentsView().tabItem { Label(Words.documents.text, systemImage: "doc.text") }
            PresentView().tabItem { Label(Words.present.text, systemImage: "qrcode") }
            HistoryView().tabItem { Label(Words.history.text, systemImage: "clock") }
            SettingsView().tabItem { Label(Words.settings.text, systemImage: "gearshape") }
            ReaderView().tabItem { Label(Words.reader.text, systemImage: "checkmark.shield") }
        }
    }
}

/// A button that is dead while what it began goes on: two taps do it once.
struct WorkButton: View {
    let title: LocalizedText
    var role: ButtonRole?
    let action: @MainActor () async -> Void
    @State private var isWorking = false

    init(_ title: LocalizedText, role: ButtonRole? = nil, action: @escaping @MainActor () async -> Void) {
        self.title = title
        self.role = role
        self.action = action
    }

    var body: some View {
        Button(title.text, role: role) {
            guard !isWorking else { return }
            isWorking = true
            Task {
                await action()
                isWorking = false
            }
        }
        .disabled(isWorking)
    }
}

struct FailureView: View {
    let text: String

    var body: some View {
        VStack(spacing: 16) {
            Image(systemName: "exclamationmark.triangle").font(.largeTitle).accessibilityHidden(true)
            Text(text).font(.title3).multilineTextAlignment(.center)
        }
        .padding()
    }
}

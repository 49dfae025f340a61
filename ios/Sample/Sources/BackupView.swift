import Foundation
import Idwallet
import SwiftUI
import UniformTypeIdentifiers

/// A backup on its way: sealed, it lies in a folder of its own until its owner has said where it goes.
@MainActor
final class BackupModel: ObservableObject {
    @Published private(set) var exported: Exported?
    @Published private(set) var isWorking = false
    @Published private(set) var isSaved = false
    let file: URL
    private let folder: URL
    private var isShown = false

    init() {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString, isDirectory: true)
        file = folder.appendingPathComponent("vi-giay-to.idwallet")
    }

    /// Whether the file is still there: the system may clear what is temporary.
    var isThere: Bool { FileManager.default.fileExists(atPath: file.path) }

    func appear() {
        isShown = true
    }

    /// The screen is gone, and with it the file.
    func disappear() {
        isShown = false
        if !isWorking { discard() }
    }

    func seal(_ model: WalletModel, passphrase: String) async {
        guard !isWorking else { return }
        isWorking = true
        await model.attempt {
            self.discard()
            try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
            self.exported = try await $0.export(to: self.file, passphrase: passphrase)
        }
        isWorking = false
        // Nobody waits for it any more.
        if !isShown { discard() }
    }

    func saved() {
        isSaved = true
        discard()
    }

    func discard() {
        exported = nil
        try? FileManager.default.removeItem(at: folder)
    }
}

/// Makes a sealed backup and puts it where the owner says. The passphrase is the owner's, and stays with them alone.
struct BackupView: View {
    @EnvironmentObject private var model: WalletModel
    @StateObject private var backup = BackupModel()
    @State private var passphrase = ""
    @State private var again = ""
    @State private var isSaving = false

    var body: some View {
        Form {
            if backup.isSaved {
                Text(Words.backupSaved.text)
            } else if let exported = backup.exported {
                ready(exported)
            } else {
                Section {
                    Text(Words.backupExplain.text)
                    TextField(Words.passphrase.text, text: $passphrase).autocorrectionDisabled().textInputAutocapitalization(.never)
                    TextField(Words.passphraseAgain.text, text: $again).autocorrectionDisabled().textInputAutocapitalization(.never)
                }
                Section {
                    Label(Words.backupWarning.text, systemImage: "exclamationmark.triangle")
                    if backup.isWorking {
                        ProgressView(Words.working.text)
                    } else {
                        Button(Words.makeBackup.text) { seal() }.disabled(passphrase.isEmpty || passphrase != again)
                    }
                    if !again.isEmpty && passphrase != again { Text(Words.differ.text).foregroundStyle(.red) }
                }
            }
        }
        .navigationTitle(Words.makeBackup.text)
        .privacySensitive()
        .fileMover(isPresented: $isSaving, file: backup.file) { result in
            switch result {
            case .success: backup.saved()
            case .failure(let error):
                model.problem = error.localizedDescription
                if !backup.isThere { backup.discard() }
            }
        }
        .onAppear { backup.appear() }
        .onDisappear {
            backup.disappear()
            passphrase = ""
            again = ""
        }
    }

    @ViewBuilder private func ready(_ exported: Exported) -> some View {
        Section {
            LabeledContent(Words.inBackup.text, value: String(exported.documents))
            if exported.documents == 0 { Label(Words.backupEmpty.text, systemImage: "exclamationmark.triangle").foregroundStyle(.red) }
            Text(Words.backupReady.text)
            Button(Words.choosePlace.text) { save() }
        }
        if !exported.toBeReissued.isEmpty {
            Section {
                Text(Words.cannotMove.text).foregroundStyle(.secondary)
                ForEach(exported.toBeReissued, id: \.self) { Text($0.text) }
            } header: {
                Text(Words.notInBackup.text)
            }
        }
    }

    private func seal() {
        let words = passphrase
        Task {
            await backup.seal(model, passphrase: words)
            if backup.exported != nil {
                passphrase = ""
                again = ""
            }
        }
    }

    private func save() {
        guard backup.isThere else {
            backup.discard()
            model.problem = Words.backupGone.text
            return
        }
        isSaving = true
    }
}

/// Opens a sealed backup, shows what restoring it would do, and does it when the owner says so.
struct RestoreView: View {
    @EnvironmentObject private var model: WalletModel
    @State private var file: URL?
    @State private var passphrase = ""
    @State private var plan: RestorePlan?
    @State private var restored: Restored?
    @State private var isChoosing = false
    @State private var isWorking = false

    var body: some View {
        Form {
            if isWorking {
                ProgressView(Words.working.text)
            } else if let restored {
                done(restored)
            } else if let plan {
                Text(Words.nothingYet.text)
                if !plan.documents.contains(where: \.isAdded) { Text(Words.restoreNone.text) }
                documents(plan.documents.filter(\.isAdded), Words.restorable)
                documents(plan.documents.filter { !$0.isAdded }, Words.notRestorable)
                Button(Words.restoreNow.text) { apply(plan) }
            } else {
                Text(Words.restoreExplain.text)
                if let file { LabeledContent(Words.chosen.text, value: file.lastPathComponent) }
                Button(Words.chooseBackup.text) { isChoosing = true }
                TextField(Words.passphrase.text, text: $passphrase).autocorrectionDisabled().textInputAutocapitalization(.never)
                Button(Words.lookInside.text) { look() }.disabled(file == nil || passphrase.isEmpty)
            }
        }
        .navigationTitle(Words.restore.text)
        .privacySensitive()
        .fileImporter(isPresented: $isChoosing, allowedContentTypes: [.data]) { result in
            switch result {
            case .success(let chosen): file = chosen
            case .failure(let error): model.problem = error.localizedDescription
            }
        }
        .onDisappear { passphrase = "" }
    }

    @ViewBuilder private func documents(_ documents: [PlannedDocument], _ title: LocalizedText) -> some View {
        if !documents.isEmpty {
            Section {
                ForEach(documents, id: \.self) { document in
                    VStack(alignment: .leading, spacing: 4) {
                        Text(document.title.text).font(.headline)
                        Text(document.summary.text)
                        Text(document.action.text).font(.footnote).foregroundStyle(document.isAdded ? Color.secondary : Color.red)
                    }
                    .accessibilityElement(children: .combine)
                }
            } header: {
                Text(title.text)
            }
        }
    }

    @ViewBuilder private func done(_ restored: Restored) -> some View {
        Section {
            if restored.added.isEmpty { Label(Words.restoredNone.text, systemImage: "exclamationmark.triangle") }
            LabeledContent(Words.restoredCount.text, value: String(restored.added.count))
            LabeledContent(Words.hadAlready.text, value: String(restored.skipped))
            LabeledContent(Words.leftInFile.text, value: String(restored.leftOut))
            LabeledContent(Words.toReissue.text, value: String(restored.toBeReissued))
        }
        Section { Text(Words.keepBackup.text).foregroundStyle(.secondary) }
    }

    private func look() {
        guard let file else { return }
        let words = passphrase
        passphrase = ""
        work { wallet in
            let isOurs = file.startAccessingSecurityScopedResource()
            defer { if isOurs { file.stopAccessingSecurityScopedResource() } }
            plan = try await wallet.planRestore(from: file, passphrase: words, trust: model.trust)
        }
    }

    private func apply(_ made: RestorePlan) {
        // A plan serves once: when it fails, the file is looked into again.
        plan = nil
        work { _ in restored = try await made.apply() }
    }

    private func work(_ body: @escaping @MainActor (Wallet) async throws -> Void) {
        guard !isWorking else { return }
        isWorking = true
        Task {
            await model.attempt(body)
            isWorking = false
        }
    }
}

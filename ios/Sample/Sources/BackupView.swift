import Foundation
import Idwallet
import SwiftUI
import UniformTypeIdentifiers

/// Makes a sealed backup and puts it where the owner says. The passphrase is the owner's, and stays with them alone.
struct BackupView: View {
    @EnvironmentObject private var model: WalletModel
    @State private var passphrase = ""
    @State private var again = ""
    @State private var exported: Exported?
    @State private var isWorking = false
    @State private var isSaving = false
    @State private var isSaved = false
    /// Sealed already, so it may lie here until the owner has said where it goes.
    private let sealed = FileManager.default.temporaryDirectory.appendingPathComponent("vi-giay-to.idwallet")

    var body: some View {
        Form {
            if isSaved {
                Text(Words.backupSaved.text)
            } else if let exported {
                ready(exported)
            } else {
                Section {
                    Text(Words.backupExplain.text)
                    TextField(Words.passphrase.text, text: $passphrase).autocorrectionDisabled().textInputAutocapitalization(.never)
                    TextField(Words.passphraseAgain.text, text: $again).autocorrectionDisabled().textInputAutocapitalization(.never)
                }
                Section {
                    Label(Words.backupWarning.text, systemImage: "exclamationmark.triangle")
                    if isWorking {
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
        .fileMover(isPresented: $isSaving, file: sealed) { result in
            switch result {
            case .success: isSaved = true
            case .failure(let error): model.problem = error.localizedDescription
            }
        }
        .onDisappear { try? FileManager.default.removeItem(at: sealed) }
    }

    @ViewBuilder private func ready(_ exported: Exported) -> some View {
        Section {
            LabeledContent(Words.inBackup.text, value: String(exported.documents))
            Text(Words.backupReady.text)
            Button(Words.choosePlace.text) { isSaving = true }
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
        isWorking = true
        Task {
            await model.attempt {
                try? FileManager.default.removeItem(at: sealed)
                exported = try await $0.export(to: sealed, passphrase: passphrase)
                passphrase = ""
                again = ""
            }
            isWorking = false
        }
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
                documents(plan.documents.filter(\.isAdded), Words.restorable)
                documents(plan.documents.filter { !$0.isAdded }, Words.notRestorable)
                Button(Words.restoreNow.text) { work { _ in restored = try await plan.apply() } }
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
            if case .success(let chosen) = result { file = chosen }
        }
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

    private func work(_ body: @escaping @MainActor (Wallet) async throws -> Void) {
        isWorking = true
        Task {
            await model.attempt(body)
            isWorking = false
        }
    }
}

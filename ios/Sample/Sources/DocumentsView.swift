import Idwallet
import SwiftUI
import UIKit
import UniformTypeIdentifiers

struct DocumentsView: View {
    @EnvironmentObject private var model: WalletModel
    @State private var isImporting = false

    var body: some View {
        NavigationStack {
            List {
                if model.documents.isEmpty {
                    Text(Words.noDocuments.text).foregroundStyle(.secondary)
                    NavigationLink(Words.restore.text) { RestoreView() }
                }
                NavigationLink(Words.key.text) { DeviceKeyView() }
                ForEach(model.documents) { document in
                    NavigationLink {
                        DocumentView(id: document.id)
                    } label: {
                        DocumentRow(document: document)
                    }
                }
                ForEach(model.damaged) { Text($0.text.text).foregroundStyle(.red) }
            }
            .navigationTitle(Words.documents.text)
            .toolbar {
                ToolbarItem(placement: .primaryAction) {
                    Button(Words.importDocument.text) { isImporting = true }
                }
                ToolbarItem(placement: .cancellationAction) {
                    Button(Words.lock.text) { Task { await model.lock() } }
                }
            }
            .fileImporter(isPresented: $isImporting, allowedContentTypes: [.data]) { result in
                switch result {
                case .success(let file): Task { await model.importFile(file) }
                case .failure(let error): model.problem = error.localizedDescription
                }
            }
        }
    }
}

struct DocumentRow: View {
    let document: DocumentSummary

    var body: some View {
        VStack(alignment: .leading, spacing: 4) {
            Text(document.title.text).font(.headline)
            Text(document.summary.text)
            Text(document.stateText.text).font(.footnote).foregroundStyle(document.state == .active ? Color.secondary : Color.red)
            if let ward = document.ward { Text(ward.text).font(.footnote) }
            if let due = document.reissueDue { Text(due.text).font(.footnote).foregroundStyle(.red) }
        }
        .accessibilityElement(children: .combine)
    }
}

struct DocumentView: View {
    let id: String
    @EnvironmentObject private var model: WalletModel
    @Environment(\.dismiss) private var dismiss
    @State private var document: Document?
    @State private var isRemoving = false

    var body: some View {
        List {
            if let document {
                Section {
                    LabeledContent(Words.issuer.text, value: document.summary.issuer)
                    LabeledContent(Words.validUntil.text, value: document.summary.validUntil.formatted(date: .numeric, time: .omitted))
                }
                Section {
                    ForEach(Array(document.claims.enumerated()), id: \.offset) { _, claim in
                        ClaimRow(claim: claim)
                    }
                }
                Button(Words.remove.text, role: .destructive) { isRemoving = true }
            }
        }
        .navigationTitle(document?.summary.title.text ?? "")
        .privacySensitive()
        .task { await model.attempt { document = try $0.document(id) } }
        .alert(Words.remove.text, isPresented: $isRemoving) {
            Button(Words.remove.text, role: .destructive) { Task { await remove() } }
            Button(Words.cancel.text, role: .cancel) {}
        } message: {
            Text(Words.removeSure.text)
        }
    }

    private func remove() async {
        await model.attempt {
            try await $0.remove(id)
            dismiss()
        }
    }
}

struct ClaimRow: View {
    let claim: Claim

    var body: some View {
        VStack(alignment: .leading, spacing: 2) {
            Text(claim.label.text).font(.caption).foregroundStyle(.secondary)
            if let image = claim.image, let picture = UIImage(data: image) {
                Image(uiImage: picture).resizable().scaledToFit().frame(maxHeight: 160).accessibilityLabel(claim.label.text)
            } else {
                Text(claim.shown.text)
            }
            ForEach(claim.meanings, id: \.self) { Text($0.text).font(.footnote) }
        }
        .accessibilityElement(children: .combine)
    }
}

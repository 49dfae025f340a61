import Idwallet
import SwiftUI

/// Who asks, for what, and what would be given. Sensitive elements start off.
struct ConsentView: View {
    let review: Review
    let reveals: (Approval) -> [LocalizedText]
    let decide: (Presentation.Decision) -> Void
    @State private var approval: Approval

    init(review: Review, start: Approval, reveals: @escaping (Approval) -> [LocalizedText], decide: @escaping (Presentation.Decision) -> Void) {
        self.review = review
        self.reveals = reveals
        self.decide = decide
        _approval = State(initialValue: start)
    }

    var body: some View {
        List {
            ForEach(Array(review.requests.enumerated()), id: \.offset) { index, request in
                Section {
                    ReaderRow(reader: request.reader)
                    if let why = request.whyNone { Text(why.text).foregroundStyle(.red) }
                    if request.candidates.count > 1 { candidatePicker(index, request) }
                    if let candidate = chosen(index, request) { elements(index, request, candidate) }
                } header: {
                    Text(request.title.text)
                }
            }
            let also = reveals(approval)
            if !also.isEmpty {
                Section {
                    ForEach(also, id: \.self) { Text($0.text) }
                } header: {
                    Text(Words.alsoReveals.text)
                }
            }
            Section {
                Button(Words.share.text) { decide(.approve(approval)) }
                    .disabled(!review.canAnswer || review.hasBadReader || approval.choices.isEmpty)
                Button(Words.decline.text, role: .cancel) { decide(.decline) }
            }
            .font(.title3)
        }
        .privacySensitive()
    }

    private func chosen(_ index: Int, _ request: RequestedDocument) -> Candidate? {
        let id = approval.choices.first { $0.request == index }?.document
        return request.candidates.first { $0.document == id } ?? request.candidates.first
    }

    private func candidatePicker(_ index: Int, _ request: RequestedDocument) -> some View {
        Picker(request.title.text, selection: Binding(get: { chosen(index, request)?.document ?? "" }, set: { choose(index, $0) })) {
            ForEach(request.candidates, id: \.document) { Text($0.summary.text).tag($0.document) }
        }
    }

    @ViewBuilder private func elements(_ index: Int, _ request: RequestedDocument, _ candidate: Candidate) -> some View {
        ForEach(candidate.elements, id: \.self) { element in
            Toggle(isOn: isOn(index, candidate, element.asked.name)) {
                VStack(alignment: .leading, spacing: 2) {
                    ForEach(element.gives, id: \.self) { given in
                        Text(given.label.text).font(.headline)
                        Text(given.shown.text)
                    }
                    if element.asked.intentToRetain { Text(Words.willKeep.text).font(.footnote).foregroundStyle(.red) }
                }
            }
        }
        ForEach(candidate.missing, id: \.self) { Text("\($0.asked.label.text): \($0.reason.text)").foregroundStyle(.secondary) }
        ForEach(candidate.warnings, id: \.self) { Text($0.text.text).foregroundStyle(.red) }
    }

    private func choose(_ index: Int, _ document: String) {
        guard let place = approval.choices.firstIndex(where: { $0.request == index }) else {
            approval.choices.append(ApprovedDocument(request: index, document: document, elements: []))
            return
        }
        approval.choices[place].document = document
        approval.choices[place].elements = []
    }

    private func isOn(_ index: Int, _ candidate: Candidate, _ name: ElementName) -> Binding<Bool> {
        Binding(
            get: { approval.choices.contains { $0.request == index && $0.elements.contains(name) } },
            set: { on in
                if !approval.choices.contains(where: { $0.request == index }) { choose(index, candidate.document) }
                guard let place = approval.choices.firstIndex(where: { $0.request == index }) else { return }
                approval.choices[place].elements.removeAll { $0 == name }
                if on { approval.choices[place].elements.append(name) }
                if approval.choices[place].elements.isEmpty { approval.choices.remove(at: place) }
            })
    }
}

struct ReaderRow: View {
    let reader: AskingReader

    var body: some View {
        HStack {
            Image(systemName: reader.state == .verified ? "checkmark.seal" : "exclamationmark.triangle").accessibilityHidden(true)
            VStack(alignment: .leading) {
                Text(reader.text.text)
                if let reason = reader.reason { Text(reason.text).font(.footnote) }
            }
        }
        .foregroundStyle(reader.state == .invalid ? Color.red : Color.primary)
        .accessibilityElement(children: .combine)
    }
}

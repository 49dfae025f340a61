import Idwallet
import IdwalletApple
import SwiftUI

struct HistoryView: View {
    @EnvironmentObject private var model: WalletModel
    @State private var history: History?

    var body: some View {
        NavigationStack {
            List {
                if let history {
                    if !history.isIntact {
                        Text(Words.historyBroken.text).foregroundStyle(.red)
                        ForEach(history.problems, id: \.self) { Text($0.text) }
                    }
                    ForEach(Array(history.entries.reversed())) { entry in
                        VStack(alignment: .leading, spacing: 4) {
                            Text(entry.date.formatted(date: .numeric, time: .shortened)).font(.caption).foregroundStyle(.secondary)
                            Text(entry.text.text)
                        }
                        .accessibilityElement(children: .combine)
                    }
                }
            }
            .navigationTitle(Words.history.text)
            .toolbar {
                ToolbarItem(placement: .primaryAction) {
                    WorkButton(Words.deleteHistory, role: .destructive) { await delete() }
                }
            }
            .task { await load() }
        }
    }

    private func load() async {
        await model.attempt { history = try $0.history() }
    }

    /// Only the owner deletes it.
    private func delete() async {
        guard await Owner.confirm(Words.confirmOwner) else { return }
        await model.attempt { try $0.deleteHistory() }
        await load()
    }
}

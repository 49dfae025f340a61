import Idwallet
import SwiftUI

/// What protects the wallet, its PIN, and its backup.
struct SettingsView: View {
    @EnvironmentObject private var model: WalletModel
    @State private var protection = ""
    @State private var hasPIN = false
    @State private var hasCode = false

    var body: some View {
        NavigationStack {
            List {
                Section {
                    Text(protection)
                } header: {
                    Text(Words.protection.text)
                }
                Section {
                    if hasPIN {
                        Text(hasCode ? Words.hasCode.text : Words.noCode.text)
                        NavigationLink(Words.changePIN.text) { ChangePINView() }
                        NavigationLink(Words.makeCode.text) { RecoveryCodeView() }
                        NavigationLink(Words.removePIN.text) { RemovePINView() }
                    } else {
                        Text(Words.noPIN.text)
                        NavigationLink(Words.setPIN.text) { SetPINView() }
                    }
                } header: {
                    Text(Words.pin.text)
                }
                Section {
                    NavigationLink(Words.makeBackup.text) { BackupView() }
                    NavigationLink(Words.restore.text) { RestoreView() }
                } header: {
                    Text(Words.backup.text)
                }
            }
            .navigationTitle(Words.settings.text)
            .onAppear { Task { await load() } }
        }
    }

    private func load() async {
        await model.attempt {
            protection = try $0.protection().text
            hasPIN = try $0.hasPIN
            hasCode = try $0.hasRecoveryCode
        }
    }
}

/// A PIN, typed twice.
struct NewPINFields: View {
    @Binding var pin: String
    @Binding var again: String

    var body: some View {
        SecureField(Words.newPIN.text, text: $pin).keyboardType(.numberPad)
        SecureField(Words.pinAgain.text, text: $again).keyboardType(.numberPad)
        if !again.isEmpty && pin != again { Text(Words.differ.text).foregroundStyle(.red) }
    }
}

struct SetPINView: View {
    @EnvironmentObject private var model: WalletModel
    @Environment(\.dismiss) private var dismiss
    @State private var pin = ""
    @State private var again = ""

    var body: some View {
        Form {
            Text(Words.choosePIN.text)
            NewPINFields(pin: $pin, again: $again)
            WorkButton(Words.setPIN) {
                await model.attempt {
                    try await $0.setPIN(pin)
                    dismiss()
                }
            }
            .disabled(pin.isEmpty || pin != again)
        }
        .navigationTitle(Words.setPIN.text)
        .onDisappear {
            pin = ""
            again = ""
        }
    }
}

struct ChangePINView: View {
    @EnvironmentObject private var model: WalletModel
    @Environment(\.dismiss) private var dismiss
    @State private var old = ""
    @State private var pin = ""
    @State private var again = ""

    var body: some View {
        Form {
            SecureField(Words.oldPIN.text, text: $old).keyboardType(.numberPad)
            NewPINFields(pin: $pin, again: $again)
            WorkButton(Words.changePIN) {
                let tried = old
                old = ""
                await model.attempt {
                    try await $0.changePIN(from: tried, to: pin)
                    dismiss()
                }
            }
            .disabled(old.isEmpty || pin.isEmpty || pin != again)
        }
        .navigationTitle(Words.changePIN.text)
        .onDisappear {
            old = ""
            pin = ""
            again = ""
        }
    }
}

struct RemovePINView: View {
    @EnvironmentObject private var model: WalletModel
    @Environment(\.dismiss) private var dismiss
    @State private var old = ""

    var body: some View {
        Form {
            Label(Words.removePINWarning.text, systemImage: "exclamationmark.triangle")
            SecureField(Words.oldPIN.text, text: $old).keyboardType(.numberPad)
            WorkButton(Words.removePIN, role: .destructive) {
                let tried = old
                old = ""
                await model.attempt {
                    try await $0.removePIN(tried)
                    dismiss()
                }
            }
            .disabled(old.isEmpty)
        }
        .navigationTitle(Words.removePIN.text)
        .onDisappear { old = "" }
    }
}

/// Makes a recovery code. ``NewCodeView`` shows it.
struct RecoveryCodeView: View {
    @EnvironmentObject private var model: WalletModel
    @Environment(\.dismiss) private var dismiss
    @State private var old = ""

    var body: some View {
        Form {
            Text(Words.codeExplain.text)
            SecureField(Words.oldPIN.text, text: $old).keyboardType(.numberPad)
            WorkButton(Words.makeCode) {
                let tried = old
                old = ""
                await model.attempt {
                    model.newCode = try await $0.setRecoveryCode(pin: tried)
                    dismiss()
                }
            }
            .disabled(old.isEmpty)
        }
        .navigationTitle(Words.recoveryCode.text)
        .onDisappear { old = "" }
    }
}

/// A recovery code, this once, until its owner says that it is written down. It is for paper alone: it cannot be copied or sent.
struct NewCodeView: View {
    let code: String
    let done: () -> Void

    var body: some View {
        Form {
            Label(Words.codeOnce.text, systemImage: "exclamationmark.triangle")
            Text(code)
                .font(.title)
                .monospaced()
                // Letter by letter, for whoever writes down what is read aloud.
                .accessibilityLabel(code.map(String.init).joined(separator: " "))
            Text(Words.codeWarning.text)
            Button(Words.written.text, action: done)
        }
        .privacySensitive()
    }
}

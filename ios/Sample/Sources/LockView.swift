import Idwallet
import SwiftUI

struct LockView: View {
    @EnvironmentObject private var model: WalletModel
    @State private var pin = ""
    @State private var isWorking = false
    @State private var access: Access?
    @State private var isForgotten = false

    var body: some View {
        Group {
            if isForgotten {
                RecoverView { isForgotten = false }
            } else if access?.needsPIN == false {
                // Nobody used it for a while.
                Button(Words.unlock.text) { Task { await model.unlock(pin: nil) } }.buttonStyle(.borderedProminent)
            } else {
                door
            }
        }
        .task { await model.attempt { access = try await $0.access() } }
    }

    private var door: some View {
        VStack(spacing: 20) {
            Image(systemName: "lock").font(.largeTitle).accessibilityHidden(true)
            Text(Words.enterPIN.text).font(.title2)
            SecureField(Words.enterPIN.text, text: $pin)
                .keyboardType(.numberPad)
                .textContentType(.password)
                .font(.title)
                .multilineTextAlignment(.center)
            if let left = model.triesLeft { Text("\(Words.triesLeft.text): \(left)") }
            if let wait = model.retryAfter { Text("\(Words.waitSeconds.text): \(Int(wait))") }
            Button(Words.unlock.text) {
                isWorking = true
                Task {
                    await model.unlock(pin: pin)
                    pin = ""
                    isWorking = false
                }
            }
            .buttonStyle(.borderedProminent)
            .disabled(pin.isEmpty || isWorking)
            if access?.hasRecoveryCode == true { Button(Words.forgotten.text) { isForgotten = true } }
        }
        .padding()
    }
}

/// Sets a new PIN with the recovery code, when the old one is forgotten.
struct RecoverView: View {
    let back: () -> Void
    @EnvironmentObject private var model: WalletModel
    @State private var code = ""
    @State private var pin = ""
    @State private var again = ""

    var body: some View {
        Form {
            Text(Words.recoverExplain.text)
            TextField(Words.recoveryCode.text, text: $code).autocorrectionDisabled().textInputAutocapitalization(.never)
            NewPINFields(pin: $pin, again: $again)
            Button(Words.recover.text) { Task { await model.attempt { try await $0.recover(code: code, newPIN: pin) } } }
                .disabled(code.isEmpty || pin.isEmpty || pin != again)
            Button(Words.cancel.text, role: .cancel) { back() }
        }
        .privacySensitive()
    }
}

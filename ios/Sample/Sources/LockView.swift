import Idwallet
import SwiftUI

struct LockView: View {
    @EnvironmentObject private var model: WalletModel
    @State private var pin = ""
    @State private var access: Access?
    @State private var isForgotten = false

    var body: some View {
        Group {
            if isForgotten {
                RecoverView { isForgotten = false }
            } else if access?.needsPIN == false {
                // Nobody used it for a while.
                WorkButton(Words.unlock) { await model.unlock(pin: nil) }.buttonStyle(.borderedProminent)
            } else {
                door
            }
        }
        // Also after a recovery that was given up: time has passed, and the waits with it.
        .task(id: isForgotten) { if !isForgotten { access = await model.access() } }
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
            if let wait = model.retryAfter { Text("\(Words.waitSeconds.text): \(Int(wait.rounded(.up)))") }
            WorkButton(Words.unlock) {
                let tried = pin
                pin = ""
                await model.unlock(pin: tried)
            }
            .buttonStyle(.borderedProminent)
            .disabled(pin.isEmpty || model.retryAfter != nil)
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
            // A keyboard of ASCII: the Vietnamese one would make letters with marks of the code's.
            TextField(Words.recoveryCode.text, text: $code)
                .keyboardType(.asciiCapable)
                .autocorrectionDisabled()
                .textInputAutocapitalization(.characters)
            NewPINFields(pin: $pin, again: $again)
            // No wait keeps the code out, so none is looked at here.
            WorkButton(Words.recover) { await model.attempt { try await $0.recover(code: code, newPIN: pin) } }
                .disabled(code.isEmpty || pin.isEmpty || pin != again)
            Button(Words.cancel.text, role: .cancel) { back() }
        }
        .privacySensitive()
    }
}

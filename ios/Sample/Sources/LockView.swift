import Idwallet
import SwiftUI

struct LockView: View {
    @EnvironmentObject private var model: WalletModel
    @State private var pin = ""
    @State private var isWorking = false

    var body: some View {
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
        }
        .padding()
    }
}

struct SetPINView: View {
    @EnvironmentObject private var model: WalletModel
    @Environment(\.dismiss) private var dismiss
    @State private var pin = ""

    var body: some View {
        Form {
            SecureField(Words.setPIN.text, text: $pin).keyboardType(.numberPad)
            Button(Words.done.text) {
                Task {
                    await model.setPIN(pin)
                    dismiss()
                }
            }
            .disabled(pin.count < 6)
        }
        .navigationTitle(Words.setPIN.text)
    }
}

import Foundation
import Idwallet
import SwiftUI
import UIKit

/// Makes a key in the Secure Enclave and shows its public half to an issuer. The wallet remembers the key: the document may come much later.
struct DeviceKeyView: View {
    @EnvironmentObject private var model: WalletModel
    @State private var publicKey: String?

    var body: some View {
        List {
            if let publicKey {
                Section {
                    Text(Words.keyShow.text)
                    QRCodeView(text: publicKey, label: Words.keyCode)
                    Button(Words.copy.text) { UIPasteboard.general.string = publicKey }
                    ShareLink(Words.send.text, item: publicKey)
                }
                Section { Text(Words.keyAfter.text).foregroundStyle(.secondary) }
            } else {
                Section {
                    Text(Words.keyExplain.text)
                    Text(Words.keyExplainMore.text).foregroundStyle(.secondary)
                    WorkButton(Words.makeKey) { await make() }
                }
            }
        }
        .navigationTitle(Words.key.text)
    }

    private func make() async {
        await model.attempt {
            publicKey = try await $0.createDeviceKey(KeySpec(curve: .p256, purpose: .sign, authentication: .everyUse)).pem
        }
    }
}

extension DeviceKey {
    /// The text form of a public key (RFC 7468), as issuers take it.
    fileprivate var pem: String {
        let lines = publicKey.base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN PUBLIC KEY-----\n\(lines)\n-----END PUBLIC KEY-----\n"
    }
}

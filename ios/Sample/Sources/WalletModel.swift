import Foundation
import Idwallet
import IdwalletApple
import SwiftUI

/// The state of the app: one wallet, one store of trust.
@MainActor
final class WalletModel: ObservableObject {
    enum Stage {
        case starting
        case failed(String)
        case locked
        case open
    }

    @Published var stage = Stage.starting
    @Published var documents: [DocumentSummary] = []
    @Published var damaged: [DamagedDocument] = []
    @Published var triesLeft: Int?
    @Published var retryAfter: TimeInterval?
    @Published var problem: String?

    let trust = TrustStore()
    private(set) var wallet: Wallet?

    var hasProblem: Binding<Bool> {
        Binding(get: { self.problem != nil }, set: { if !$0 { self.problem = nil } })
    }

    /// Opens the wallet, or makes it at the first start, and follows its documents until the app ends.
    func start() async {
        guard wallet == nil else { return }
        do {
            try loadAnchors()
            let folder = try WalletFolder.prepare()
            let area = try SecureEnclaveArea()
            let wallet: Wallet
            do {
                wallet = try await Wallet.open(at: folder, secureArea: area)
            } catch let error as WalletError where error.reaction == .createWallet {
                wallet = try await Wallet.create(at: folder, secureArea: area)
            }
            self.wallet = wallet
            for await list in wallet.documents {
                documents = list.documents
                damaged = list.damaged
                stage = list.isLocked ? .locked : .open
            }
        } catch {
            stage = .failed(error.localizedDescription)
        }
    }

    /// The authorities that the app ships with.
    private func loadAnchors() throws {
        for (name, add) in [("issuers", trust.addIssuerAnchors), ("readers", trust.addReaderAnchors)] {
            guard let file = Bundle.main.url(forResource: name, withExtension: "pem") else { continue }
            _ = try add(Data(contentsOf: file))
        }
    }

    func unlock(pin: String?) async {
        await attempt {
            do {
                try await $0.unlock(pin: pin)
                self.triesLeft = nil
                self.retryAfter = nil
            } catch WalletError.locked(let info, let retryAfter, let triesLeft) {
                self.triesLeft = triesLeft
                self.retryAfter = retryAfter
                self.problem = info.text.localized
            }
        }
    }

    func lock() async {
        await attempt { try $0.lock() }
    }

    /// Takes a file with an IssuerSigned structure, whose device key this wallet made.
    func importFile(_ file: URL) async {
        await attempt {
            let isOurs = file.startAccessingSecurityScopedResource()
            defer { if isOurs { file.stopAccessingSecurityScopedResource() } }
            let copy = NewCopy(issuerSigned: try Data(contentsOf: file))
            _ = try await $0.importDocument([copy], trust: self.trust)
        }
    }

    func remove(_ id: String) async {
        await attempt { try await $0.remove(id) }
    }

    /// Runs a use of the wallet and shows what went wrong. Cancelling is not wrong.
    func attempt(_ body: @MainActor (Wallet) async throws -> Void) async {
        guard let wallet else { return }
        do {
            try await body(wallet)
        } catch is CancellationError {
        } catch WalletError.userCancelled {
        } catch {
            problem = error.localizedDescription
        }
    }
}

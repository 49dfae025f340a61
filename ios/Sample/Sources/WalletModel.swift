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
    /// How long no other PIN is taken. It counts down.
    @Published private(set) var retryAfter: TimeInterval?
    @Published var problem: String?
    /// A recovery code to be written down. It is here and not in a view, because no view may take it along when it goes.
    @Published var newCode: String?

    let trust = TrustStore()
    private(set) var wallet: Wallet?
    private var running: Task<Void, Never>?
    private var counting: Task<Void, Never>?

    var isOpen: Bool {
        if case .open = stage { return true }
        return false
    }

    var hasProblem: Binding<Bool> {
        Binding(get: { self.problem != nil }, set: { if !$0 { self.problem = nil } })
    }

    /// Opens the wallet, or makes it at the first start, and follows its documents until the app ends: no view that goes ends it.
    func start() {
        guard running == nil else { return }
        running = Task { await run() }
    }

    private func run() async {
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
        await attempt { try await $0.unlock(pin: pin) }
    }

    /// What the lock screen starts with.
    func access() async -> Access? {
        triesLeft = nil
        var access: Access?
        await attempt {
            access = try await $0.access()
            self.wait(access?.retryAfter)
        }
        return access
    }

    private func wait(_ seconds: TimeInterval?) {
        counting?.cancel()
        retryAfter = nil
        guard let seconds, seconds > 0 else { return }
        let end = SystemClock().now().uptime + seconds
        retryAfter = seconds
        counting = Task {
            while let left = retryAfter {
                try? await Task.sleep(nanoseconds: UInt64(min(left, 1) * 1_000_000_000))
                guard !Task.isCancelled else { return }
                let now = SystemClock().now().uptime
                retryAfter = now < end ? end - now : nil
            }
        }
    }

    func lock() async {
        await attempt { try $0.lock() }
    }

    /// To be called when the app comes back: nobody knows who holds the telephone now.
    func lockIfIdle() async {
        await attempt { _ = try $0.lockIfIdle() }
    }

    /// Takes a file with an IssuerSigned structure, whose device key this wallet made.
    func importFile(_ file: URL) async {
        await attempt {
            let isOurs = file.startAccessingSecurityScopedResource()
            defer { if isOurs { file.stopAccessingSecurityScopedResource() } }
            let copy = NewCopy(issuerSigned: try Self.document(in: file))
            _ = try await $0.importDocument([copy], trust: self.trust)
        }
    }

    /// No document is larger than 8 MiB; a file that is was picked by mistake.
    private static func document(in file: URL) throws -> Data {
        let most = 8 << 20
        let handle = try FileHandle(forReadingFrom: file)
        defer { try? handle.close() }
        let data = try handle.read(upToCount: most + 1) ?? Data()
        guard data.count <= most else { throw SampleError(text: Words.tooLarge) }
        return data
    }

    /// Runs a use of the wallet and shows what went wrong. Cancelling is not wrong.
    func attempt(_ body: @MainActor (Wallet) async throws -> Void) async {
        guard let wallet else { return }
        do {
            try await body(wallet)
        } catch is CancellationError {
        } catch WalletError.userCancelled {
        } catch WalletError.locked(let info, let retryAfter, let triesLeft) {
            if retryAfter != nil || triesLeft != nil {
                wait(retryAfter)
                self.triesLeft = triesLeft
            }
            if isOpen, (try? wallet.isLocked) == true {
                // It had locked itself. This tells the list of documents, and the lock screen comes up.
                _ = try? wallet.lockIfIdle()
            } else {
                problem = info.text.localized
            }
        } catch {
            problem = error.localizedDescription
        }
    }
}

/// What the app itself finds wrong.
struct SampleError: LocalizedError {
    let text: LocalizedText

    var errorDescription: String? { text.localized }
}

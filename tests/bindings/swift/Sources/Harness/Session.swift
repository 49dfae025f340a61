import Foundation
import Idwallet

/// A wallet with documents of these kinds.
public func wallet(with kinds: [String], pin: String? = nil, clock: any WalletClock = SystemClock()) async throws -> Wallet {
    let fixtures = Fixtures.shared
    let wallet = try await Wallet.create(at: try newFolder(), pin: pin, clock: clock)
    for kind in kinds { _ = try await wallet.importDocument([fixtures.copy(kind)], trust: fixtures.trust()) }
    return wallet
}

/// A wallet over the test's own area, with a licence whose key that area made.
public func walletOverArea(_ area: TestArea, clock: any WalletClock = SystemClock()) async throws -> Wallet {
    let wallet = try await Wallet.create(at: try newFolder(), secureArea: area, clock: clock)
    _ = try await wallet.createDeviceKey(KeySpec(curve: .p256, purpose: .sign))
    let copy = NewCopy(issuerSigned: try Fixtures.shared.data("area-1.cbor"))
    _ = try await wallet.importDocument([copy], trust: try Fixtures.shared.trust())
    return wallet
}

/// An address for engagements whose sessions run over a link in memory: an engagement has to offer some way to connect.
public let nowhere = "127.0.0.1:9"

/// What both sides of a meeting say.
public struct Meeting: Sendable {
    public let holder: Result<Presentation.Outcome, any Error>
    public let reader: ReaderSession.Outcome
}

/// A holder and a reader in one process, each with its driver, over a link in memory.
public func meet(
    _ presentation: Presentation, _ session: ReaderSession, decide: @escaping @Sendable (Review) async throws -> Presentation.Decision
) async throws -> Meeting {
    let (here, there) = MemoryCarrier.pair()
    async let verdict = session.run(over: there)
    let holder: Result<Presentation.Outcome, any Error>
    do {
        holder = .success(try await presentation.run(over: here, decide: decide))
    } catch {
        holder = .failure(error)
    }
    return Meeting(holder: holder, reader: try await verdict)
}

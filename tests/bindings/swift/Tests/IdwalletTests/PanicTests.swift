import Foundation
import Harness
import IdwalletFFI
import XCTest

@testable import Idwallet

/// A panic of the library, called below the facade: no public call panics.
final class PanicTests: XCTestCase {
    func testAPanicIsAnErrorAndTheHostLives() async throws {
        #if TEST_PANICS
            let thrown = await walletError { try Idwallet.call { try IdwalletFFI.panicForTest() } }
            guard case .internal(let info) = thrown else { return XCTFail("\(String(describing: thrown))") }
            XCTAssertEqual(info.code, "W901")
            let later = await walletError { try await Idwallet.call { try await IdwalletFFI.panicLaterForTest() } }
            guard case .internal = later else { return XCTFail("\(String(describing: later))") }
            let wallet = try await Idwallet.Wallet.create(at: try newFolder())
            XCTAssertEqual(try wallet.listDocuments().documents, [])
        #else
            throw XCTSkip("the library was built without the feature test-panics")
        #endif
    }
}

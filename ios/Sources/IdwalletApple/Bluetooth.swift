#if canImport(CoreBluetooth)
    import CoreBluetooth
    import Foundation

    /// Whether Bluetooth can be used. The carrier over it will stand in this file; it conforms to `Carrier` and knows nothing of
    /// what it carries.
    ///
    /// The app needs `NSBluetoothAlwaysUsageDescription`.
    public final class BluetoothState: NSObject, CBCentralManagerDelegate, @unchecked Sendable {
        /// What stands in the way.
        public enum State: String, Sendable, Hashable, CaseIterable {
            /// Nothing.
            case ready
            /// It is switched off.
            case off
            /// The person did not allow it.
            case notAllowed
            /// This device has none.
            case unsupported
            /// Not known yet.
            case unknown
        }

        /// The state, now and whenever it changes.
        public let states: AsyncStream<State>
        private let continuation: AsyncStream<State>.Continuation
        private var manager: CBCentralManager?

        /// Starts to look; the system may ask the person.
        public override init() {
            (states, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
            super.init()
            manager = CBCentralManager(delegate: self, queue: nil)
        }

        deinit {
            continuation.finish()
        }

        /// Called by the system.
        public func centralManagerDidUpdateState(_ central: CBCentralManager) {
            switch central.state {
            case .poweredOn: continuation.yield(.ready)
            case .poweredOff: continuation.yield(.off)
            case .unauthorized: continuation.yield(.notAllowed)
            case .unsupported: continuation.yield(.unsupported)
            default: continuation.yield(.unknown)
            }
        }
    }
#endif

// imports: -
import Foundation

public enum CBManagerState: Int, Sendable {
    case unknown, resetting, unsupported, unauthorized, poweredOff, poweredOn
}

public protocol CBCentralManagerDelegate: AnyObject {
    func centralManagerDidUpdateState(_ central: CBCentralManager)
}

public class CBCentralManager: NSObject {
    public init(delegate: (any CBCentralManagerDelegate)?, queue: DispatchQueue?) {}
    public var state: CBManagerState { fatalError() }
}

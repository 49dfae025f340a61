// imports: -
import Foundation

open class CALayer: NSObject {
    public override init() {}
    public var frame: CGRect = .zero
    public var superlayer: CALayer? { fatalError() }
    public func addSublayer(_ layer: CALayer) {}
}

@MainActor open class UIView: NSObject {
    public override init() {}
    public var layer: CALayer { fatalError() }
    public var bounds: CGRect { fatalError() }
    open func layoutSubviews() {}
}

public class UIImage: NSObject {
    public init?(data: Data) { fatalError() }
}

public class UIPasteboard: NSObject {
    public class var general: UIPasteboard { fatalError() }
    public var string: String? {
        get { fatalError() }
        set {}
    }
}

public enum UIKeyboardType: Int, Sendable {
    case `default`, asciiCapable, numberPad
}

public struct UITextContentType: Hashable, Sendable {
    public static var password: UITextContentType { fatalError() }
}

// Foundation's own, on Apple's systems.
extension URL {
    public func startAccessingSecurityScopedResource() -> Bool { fatalError() }
    public func stopAccessingSecurityScopedResource() {}
}

// imports: -
public struct UTType: Sendable, Hashable {
    public static var data: UTType { fatalError() }
}

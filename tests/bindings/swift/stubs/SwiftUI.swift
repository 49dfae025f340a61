// imports: UIKit UniformTypeIdentifiers
import Foundation
import UIKit
import UniformTypeIdentifiers

// MARK: - Combine, as far as SwiftUI shows it

public protocol ObservableObject: AnyObject {}

@propertyWrapper public struct Published<Value> {
    public var wrappedValue: Value
    public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
}

// MARK: - State

@propertyWrapper public struct State<Value> {
    public init(wrappedValue: Value) { fatalError() }
    public init(initialValue: Value) { fatalError() }
    public var wrappedValue: Value {
        get { fatalError() }
        nonmutating set { fatalError() }
    }
    public var projectedValue: Binding<Value> { fatalError() }
}

@propertyWrapper public struct Binding<Value> {
    public init(get: @escaping () -> Value, set: @escaping (Value) -> Void) { fatalError() }
    public var wrappedValue: Value {
        get { fatalError() }
        nonmutating set { fatalError() }
    }
    public var projectedValue: Binding<Value> { self }
}

@dynamicMemberLookup public struct ObjectBindings<Object: ObservableObject> {
    public subscript<Value>(dynamicMember path: ReferenceWritableKeyPath<Object, Value>) -> Binding<Value> { fatalError() }
}

@propertyWrapper @MainActor public struct StateObject<Object: ObservableObject> {
    public nonisolated init(wrappedValue: @autoclosure @escaping () -> Object) { fatalError() }
    public var wrappedValue: Object { fatalError() }
    public var projectedValue: ObjectBindings<Object> { fatalError() }
}

@propertyWrapper @MainActor public struct EnvironmentObject<Object: ObservableObject> {
    public nonisolated init() { fatalError() }
    public var wrappedValue: Object { fatalError() }
    public var projectedValue: ObjectBindings<Object> { fatalError() }
}

public enum ScenePhase: Sendable { case background, inactive, active }
@MainActor public struct DismissAction { public func callAsFunction() {} }
public struct EnvironmentValues {
    public var scenePhase: ScenePhase { fatalError() }
    public var dismiss: DismissAction { fatalError() }
}

@propertyWrapper public struct Environment<Value> {
    public init(_ path: KeyPath<EnvironmentValues, Value>) { fatalError() }
    public var wrappedValue: Value { fatalError() }
}

// MARK: - Views

@MainActor @preconcurrency public protocol View {
    associatedtype Body: View
    @ViewBuilder var body: Body { get }
}

extension Never: View {
    public var body: Never { fatalError() }
}

@MainActor @preconcurrency public protocol Primitive: View where Body == Never {}
extension Primitive {
    public var body: Never { fatalError() }
}

public struct EmptyView: Primitive { nonisolated init() {} }
public struct TupleView<each Content>: Primitive { nonisolated init() {} }
public struct EitherView<First, Second>: Primitive { nonisolated init() {} }
extension Optional: View where Wrapped: View {
    public var body: Never { fatalError() }
}

@resultBuilder public enum ViewBuilder {
    public static func buildBlock() -> EmptyView { fatalError() }
    public static func buildBlock<Content: View>(_ content: Content) -> Content { content }
    public static func buildBlock<each Content: View>(_ content: repeat each Content) -> TupleView<repeat each Content> { fatalError() }
    public static func buildExpression<Content: View>(_ content: Content) -> Content { content }
    public static func buildIf<Content: View>(_ content: Content?) -> Content? { content }
    public static func buildEither<First: View, Second: View>(first: First) -> EitherView<First, Second> { fatalError() }
    public static func buildEither<First: View, Second: View>(second: Second) -> EitherView<First, Second> { fatalError() }
}

@MainActor @preconcurrency public protocol Scene {}
@resultBuilder public enum SceneBuilder {
    public static func buildBlock<Content: Scene>(_ content: Content) -> Content { content }
}
@MainActor @preconcurrency public protocol App {
    associatedtype Body: Scene
    @SceneBuilder var body: Body { get }
    init()
}
extension App {
    public static func main() { fatalError() }
}
public struct WindowGroup<Content: View>: Scene {
    public init(@ViewBuilder content: () -> Content) { fatalError() }
}

public struct Text: Primitive {
    public nonisolated init<S: StringProtocol>(_ content: S) { fatalError() }
}
public struct Image: Primitive {
    public init(systemName: String) { fatalError() }
    public init(uiImage: UIImage) { fatalError() }
    public func resizable() -> Image { fatalError() }
}
public struct Color: Primitive, ShapeStyle, Sendable {
    public static var white: Color { fatalError() }
    public static var black: Color { fatalError() }
    public static var red: Color { fatalError() }
    public static var green: Color { fatalError() }
    public static var primary: Color { fatalError() }
    public static var secondary: Color { fatalError() }
}
public protocol ShapeStyle: Sendable {}
public struct HierarchicalShapeStyle: ShapeStyle {}
extension ShapeStyle where Self == HierarchicalShapeStyle {
    public static var secondary: HierarchicalShapeStyle { fatalError() }
}
extension ShapeStyle where Self == Color {
    public static var red: Color { fatalError() }
}

public struct VStack<Content: View>: Primitive {
    public init(alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> Content) { fatalError() }
}
public struct HStack<Content: View>: Primitive {
    public init(@ViewBuilder content: () -> Content) { fatalError() }
}
public struct ZStack<Content: View>: Primitive {
    public init(@ViewBuilder content: () -> Content) { fatalError() }
}
public enum HorizontalAlignment: Sendable { case leading, center, trailing }
public enum TextAlignment: Sendable { case leading, center, trailing }

public struct Group<Content: View>: Primitive {
    public init(@ViewBuilder content: () -> Content) { fatalError() }
}
public struct List<Content: View>: Primitive {
    public init(@ViewBuilder content: () -> Content) { fatalError() }
}
public struct Form<Content: View>: Primitive {
    public init(@ViewBuilder content: () -> Content) { fatalError() }
}
public struct Section<Parent: View, Content: View>: Primitive {
    public init(@ViewBuilder content: () -> Content, @ViewBuilder header: () -> Parent) { fatalError() }
}
extension Section where Parent == EmptyView {
    public init(@ViewBuilder content: () -> Content) { fatalError() }
}
public struct ForEach<Data: RandomAccessCollection, ID: Hashable, Content: View>: Primitive {
    public init(_ data: Data, id: KeyPath<Data.Element, ID>, @ViewBuilder content: @escaping (Data.Element) -> Content) { fatalError() }
}
extension ForEach where Data.Element: Identifiable, ID == Data.Element.ID {
    public init(_ data: Data, @ViewBuilder content: @escaping (Data.Element) -> Content) { fatalError() }
}
public struct TabView<Content: View>: Primitive {
    public init(@ViewBuilder content: () -> Content) { fatalError() }
}
public struct NavigationStack<Content: View>: Primitive {
    public init(@ViewBuilder root: () -> Content) { fatalError() }
}
public struct NavigationLink<Title: View, Destination: View>: Primitive {
    public init(@ViewBuilder destination: () -> Destination, @ViewBuilder label: () -> Title) { fatalError() }
}
extension NavigationLink where Title == Text {
    public init<S: StringProtocol>(_ title: S, @ViewBuilder destination: () -> Destination) { fatalError() }
}
public struct Label: Primitive {
    public init<S: StringProtocol>(_ title: S, systemImage: String) { fatalError() }
}
public struct LabeledContent: Primitive {
    public init<S1: StringProtocol, S2: StringProtocol>(_ title: S1, value: S2) { fatalError() }
}
public struct ButtonRole: Sendable {
    public static var destructive: ButtonRole { fatalError() }
    public static var cancel: ButtonRole { fatalError() }
}
public struct Button: Primitive {
    public init<S: StringProtocol>(_ title: S, action: @escaping @MainActor () -> Void) { fatalError() }
    public init<S: StringProtocol>(_ title: S, role: ButtonRole?, action: @escaping @MainActor () -> Void) { fatalError() }
}
public struct Toggle<Title: View>: Primitive {
    public init(isOn: Binding<Bool>, @ViewBuilder label: () -> Title) { fatalError() }
}
public struct Picker<Selection: Hashable, Content: View>: Primitive {
    public init<S: StringProtocol>(_ title: S, selection: Binding<Selection>, @ViewBuilder content: () -> Content) { fatalError() }
}
public struct SecureField: Primitive {
    public init<S: StringProtocol>(_ title: S, text: Binding<String>) { fatalError() }
}
public struct TextField: Primitive {
    public init<S: StringProtocol>(_ title: S, text: Binding<String>) { fatalError() }
}
public struct ShareLink: Primitive {
    public init<S: StringProtocol>(_ title: S, item: String) { fatalError() }
}
public struct TextInputAutocapitalization: Sendable {
    public static var never: TextInputAutocapitalization { fatalError() }
    public static var characters: TextInputAutocapitalization { fatalError() }
}
public struct ProgressView: Primitive {
    public init() { fatalError() }
    public init<S: StringProtocol>(_ title: S) { fatalError() }
}

public struct Path: Sendable {
    public init(_ rect: CGRect) { fatalError() }
}
public struct GraphicsContext {
    public struct Shading: Sendable {
        public static func color(_ color: Color) -> Shading { fatalError() }
    }
    public func fill(_ path: Path, with shading: Shading) { fatalError() }
}
public struct Canvas: Primitive {
    public init(renderer: @escaping (inout GraphicsContext, CGSize) -> Void) { fatalError() }
}

@MainActor @preconcurrency public protocol UIViewRepresentable: Primitive {
    associatedtype UIViewType: UIView
    typealias Context = UIViewRepresentableContext<Self>
    func makeUIView(context: Context) -> UIViewType
    func updateUIView(_ view: UIViewType, context: Context)
}
public struct UIViewRepresentableContext<Representable> {}

// MARK: - Modifiers

public struct Font: Sendable {
    public static var largeTitle: Font { fatalError() }
    public static var title: Font { fatalError() }
    public static var title2: Font { fatalError() }
    public static var title3: Font { fatalError() }
    public static var headline: Font { fatalError() }
    public static var footnote: Font { fatalError() }
    public static var caption: Font { fatalError() }
}
public enum ContentMode: Sendable { case fit, fill }
public struct AccessibilityChildBehavior: Sendable {
    public static var combine: AccessibilityChildBehavior { fatalError() }
}
public protocol PrimitiveButtonStyle {}
public struct BorderedProminentButtonStyle: PrimitiveButtonStyle {}
public struct BorderedButtonStyle: PrimitiveButtonStyle {}
extension PrimitiveButtonStyle where Self == BorderedProminentButtonStyle {
    public static var borderedProminent: BorderedProminentButtonStyle { fatalError() }
}
extension PrimitiveButtonStyle where Self == BorderedButtonStyle {
    public static var bordered: BorderedButtonStyle { fatalError() }
}
public struct ToolbarItemPlacement: Sendable {
    public static var primaryAction: ToolbarItemPlacement { fatalError() }
    public static var cancellationAction: ToolbarItemPlacement { fatalError() }
}
public protocol ToolbarContent {}
public struct ToolbarItem<Content: View>: ToolbarContent {
    public init(placement: ToolbarItemPlacement, @ViewBuilder content: () -> Content) { fatalError() }
}
@resultBuilder public enum ToolbarContentBuilder {
    public static func buildBlock<A: ToolbarContent>(_ a: A) -> A { a }
    public static func buildBlock<A: ToolbarContent, B: ToolbarContent>(_ a: A, _ b: B) -> A { a }
}

extension View {
    public func environmentObject<T: ObservableObject>(_ object: T) -> some View { self }
    public func overlay<V: View>(@ViewBuilder content: () -> V) -> some View { self }
    public func task(_ action: @escaping @MainActor () async -> Void) -> some View { self }
    public func task<T: Equatable>(id value: T, _ action: @escaping @MainActor () async -> Void) -> some View { self }
    public func ignoresSafeArea() -> some View { self }
    public func alert<S: StringProtocol, A: View, M: View>(
        _ title: S, isPresented: Binding<Bool>, @ViewBuilder actions: () -> A, @ViewBuilder message: () -> M
    ) -> some View { self }
    public func tabItem<V: View>(@ViewBuilder _ label: () -> V) -> some View { self }
    public func font(_ font: Font?) -> some View { self }
    public func multilineTextAlignment(_ alignment: TextAlignment) -> some View { self }
    public func padding() -> some View { self }
    public func navigationTitle<S: StringProtocol>(_ title: S) -> some View { self }
    public func toolbar<C: ToolbarContent>(@ToolbarContentBuilder content: () -> C) -> some View { self }
    public func fileImporter(
        isPresented: Binding<Bool>, allowedContentTypes: [UTType], onCompletion: @escaping @MainActor (Result<URL, any Error>) -> Void
    ) -> some View { self }
    public func fileMover(isPresented: Binding<Bool>, file: URL?, onCompletion: @escaping @MainActor (Result<URL, any Error>) -> Void) -> some View { self }
    public func onAppear(perform action: (() -> Void)? = nil) -> some View { self }
    public func onDisappear(perform action: (() -> Void)? = nil) -> some View { self }
    public func autocorrectionDisabled(_ disable: Bool = true) -> some View { self }
    public func textInputAutocapitalization(_ capitalization: TextInputAutocapitalization?) -> some View { self }
    public func monospaced(_ isActive: Bool = true) -> some View { self }
    public func foregroundStyle<S: ShapeStyle>(_ style: S) -> some View { self }
    public func accessibilityElement(children: AccessibilityChildBehavior) -> some View { self }
    public func accessibilityHidden(_ hidden: Bool) -> some View { self }
    public func accessibilityLabel<S: StringProtocol>(_ label: S) -> some View { self }
    public func privacySensitive(_ sensitive: Bool = true) -> some View { self }
    public func scaledToFit() -> some View { self }
    public func frame(maxHeight: CGFloat?) -> some View { self }
    public func aspectRatio(_ ratio: CGFloat?, contentMode: ContentMode) -> some View { self }
    public func keyboardType(_ type: UIKeyboardType) -> some View { self }
    public func textContentType(_ type: UITextContentType?) -> some View { self }
    public func buttonStyle<S: PrimitiveButtonStyle>(_ style: S) -> some View { self }
    public func disabled(_ disabled: Bool) -> some View { self }
    public func tag<V: Hashable>(_ tag: V) -> some View { self }
}

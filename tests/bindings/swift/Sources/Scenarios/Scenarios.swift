@main
struct Scenarios {
    static func main() async throws {}
}
